#pragma once

#include <filesystem>
#include <string>
#include <system_error>

#include "base/id.h"

namespace smelt::quality {

/// The path of a temporary file that, if it has been written, goes with this object.
class ScratchFile {
 public:
  explicit ScratchFile(std::string_view extension)
      : path_((std::filesystem::temp_directory_path() / ("smelt-rows-" + NewUuid())).string() +
              std::string(extension)) {}
  ~ScratchFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace smelt::quality
