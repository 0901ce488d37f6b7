#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

#include "base/file_descriptor.h"
#include "engine/internal/parquet/file_layout.h"

namespace smelt::engine::parquet {

/// A Parquet file on a disk, open for reading, and where what stands in it. Confined to one thread until it is open.
class LocalFile {
 public:
  /// Nothing when there is no file that could be read, or when it is no Parquet file, an encrypted or a damaged one.
  static std::optional<LocalFile> Open(const std::string& path);

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  const FileLayout& layout() const { return layout_; }
  /// False when the file has fewer bytes, or does not give them. Thread-safe.
  bool Read(std::uint64_t offset, char* to, std::uint64_t size) const;
  /// False when somebody has written to the file since. Thread-safe.
  bool IsAsOpened() const;

 private:
  LocalFile(FileDescriptor file, std::string path, const struct stat& status);
  std::optional<std::string> ReadFooter() const;

  FileDescriptor file_;
  std::string path_;
  std::uint64_t size_;
  std::timespec written_;
  FileLayout layout_;
};

}  // namespace smelt::engine::parquet
