#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace smelt::state {

/// Who holds a lock; written into the lock file for the eyes of whoever finds it taken.
struct LockOwner {
  std::string run_id;
  std::string host;
  std::int64_t pid = 0;
  std::int64_t since_us = 0;
};

/// This process as the owner of a lock for `run_id`, from now on.
LockOwner CurrentOwner(std::string run_id);

/// An exclusive lock on a local file, held until destruction or the death of the process, whichever comes first: the
/// kernel releases it, so that no killed process can leave it behind. The file itself stays. Movable; confined to one
/// thread at a time.
class FileLock {
 public:
  /// Takes the lock without waiting and writes the owner into the file, which is created with its folder.
  /// `purpose` names what the lock protects in the message of the loser, e.g. "pipeline 'daily'".
  /// Errors: kStateLocked, naming the holder and since when; kStoreDenied, kStoreFull, kStoreIo.
  static Result<FileLock> Acquire(const std::string& path, const LockOwner& owner, std::string_view purpose);

  /// Who holds the lock now, or nothing when it is free. Takes nothing: it never gets in the way of an Acquire.
  /// Errors: kStoreDenied, kStoreIo.
  static Result<std::optional<LockOwner>> Holder(const std::string& path);

  /// Whether the file is still where it was made. When it was deleted, probably with the whole folder, the lock keeps
  /// nobody out any more.
  bool IsInPlace() const;
  const std::string& path() const { return path_; }

 private:
  FileLock(FileDescriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  FileDescriptor file_;
  std::string path_;
};

}  // namespace smelt::state
