#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/id.h"
#include "ingest/internal/csv/byte_source.h"

namespace smelt::ingest {

/// The content of a file, and which file had it.
struct FileStamp {
  std::int64_t bytes = 0;
  std::string hash = {};         ///< base ContentHash of all bytes
  std::uint64_t inode = 0;       ///< while its content is the same, so are these two
  std::int64_t modified_us = 0;  ///< since the epoch

  /// The same content, whatever file has it.
  bool operator==(const FileStamp& other) const { return bytes == other.bytes && hash == other.hash; }
};

/// A file that is read and hashed at the same time. Reads go through read(2) and not through a mapping: a file that is
/// cut short meanwhile is then an error and no signal. Confined to one thread.
class FileSource : public ByteSource {
 public:
  /// Errors: kStoreNotFound, kStoreDenied, kStoreIo.
  static Result<FileSource> Open(const std::string& path);

  /// Errors: kStoreIo.
  Result<std::size_t> Read(char* into, std::size_t capacity) override;

  /// What was read so far.
  FileStamp Stamp() const;

  std::int64_t bytes_read() const { return bytes_read_; }

 private:
  FileSource(std::string path, FileDescriptor descriptor)
      : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

  std::string path_;
  FileDescriptor descriptor_;
  ContentHasher hasher_;
  std::int64_t bytes_read_ = 0;
};

/// Reads a whole file for its stamp. `on_bytes` is told of every piece.
/// Errors: those of FileSource, kCancelled.
Result<FileStamp> StampFile(const std::string& path, const std::function<void(std::int64_t)>& on_bytes,
                            const std::stop_token& stop);

}  // namespace smelt::ingest
