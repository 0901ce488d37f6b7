#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/file_descriptor.h"

namespace smelt::engine::parquet {

/// A Parquet file on a disk, open for reading. Confined to one thread.
class LocalFile {
 public:
  /// Nothing when there is no file that could be read.
  static std::optional<LocalFile> Open(const std::string& path);

  std::uint64_t size() const { return size_; }
  /// False when the file has fewer bytes, or does not give them.
  bool Read(std::uint64_t offset, char* to, std::uint64_t size) const;
  /// What the file says of itself (parquet.thrift, FileMetaData); nothing when it is no Parquet file, or an encrypted
  /// one.
  std::optional<std::string> Footer() const;

 private:
  LocalFile(FileDescriptor file, std::uint64_t size) : file_(std::move(file)), size_(size) {}

  FileDescriptor file_;
  std::uint64_t size_;
};

}  // namespace smelt::engine::parquet
