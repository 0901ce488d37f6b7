#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace smelt {

/// Writes a local file piece by piece through a temporary name: readers see the old content until Finish, then the new
/// one. Dropped before that, it leaves nothing behind. Confined to one thread.
class FileWriter {
 public:
  /// Begins a file; its folder is made if need be. Errors: kStoreDenied, kStoreFull, kStoreIo.
  static Result<FileWriter> Create(const std::string& path);
  FileWriter(FileWriter&& other) noexcept;
  FileWriter& operator=(FileWriter&&) = delete;
  ~FileWriter();

  /// Errors: kStoreFull, kStoreIo.
  Status Append(std::string_view bytes);
  /// Appends `size` bytes of another local file, from `offset`. Errors: kStoreNotFound, kStoreIo (also when it has
  /// fewer bytes), kStoreFull.
  Status AppendFrom(const std::string& path, std::int64_t offset, std::int64_t size);
  /// Replaces bytes that were appended. Errors: kStoreFull, kStoreIo.
  Status Overwrite(std::int64_t offset, std::string_view bytes);
  /// Lets the system begin to write what was appended, which Finish would otherwise have to wait for.
  void BeginFlush();
  /// How many bytes were appended.
  std::int64_t size() const { return size_; }
  /// The number that the file has in its file system, by which it is known under every name; 0: unknown.
  std::uint64_t Inode() const;
  /// Puts the file in its place. Errors: kStoreFull, kStoreIo.
  Status Finish();

 private:
  FileWriter(std::string path, std::string temporary, FileDescriptor file);

  std::string path_, temporary_;  ///< `temporary_` is empty once it has its name
  FileDescriptor file_;
  std::int64_t size_ = 0;
};

}  // namespace smelt
