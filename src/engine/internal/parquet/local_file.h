#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/file_descriptor.h"
#include "engine/internal/parquet/file_layout.h"

namespace smelt::engine::parquet {

/// A Parquet file on a disk, open for reading, and where what stands in it. Confined to one thread but for Read.
class LocalFile {
 public:
  /// Nothing when there is no file that could be read, or when it is no Parquet file, an encrypted or a damaged one.
  static std::optional<LocalFile> Open(const std::string& path);

  std::uint64_t size() const { return size_; }
  const FileLayout& layout() const { return layout_; }
  /// False when the file has fewer bytes, or does not give them. Thread-safe.
  bool Read(std::uint64_t offset, char* to, std::uint64_t size) const;

 private:
  LocalFile(FileDescriptor file, std::uint64_t size) : file_(std::move(file)), size_(size) {}
  std::optional<std::string> ReadFooter() const;

  FileDescriptor file_;
  std::uint64_t size_;
  FileLayout layout_;
};

}  // namespace smelt::engine::parquet
