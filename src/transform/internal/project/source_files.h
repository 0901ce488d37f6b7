#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::transform {

/// A file of the project.
struct SourceFile {
  std::string path;    ///< relative to the project: "models/silver/orders.sql"
  std::string folder;  ///< the configured path it was found under: "models"

  /// The folders between `folder` and the file: {"silver"}.
  std::vector<std::string> Folders() const;
  /// The file's name without folders and extension: "orders".
  std::string Stem() const;
};

/// The files under `folders` of the project with one of the extensions (".sql"), ordered by path. Hidden folders are
/// left out; a folder that does not exist has no files. Errors: kStoreDenied, kStoreIo.
Result<std::vector<SourceFile>> FindSourceFiles(const std::string& project_dir, const std::vector<std::string>& folders,
                                                const std::vector<std::string_view>& extensions);

}  // namespace smelt::transform
