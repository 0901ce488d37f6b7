#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/file_descriptor.h"
#include "base/id.h"

namespace smelt {
namespace {

ErrorCode CodeOfErrno(int value) {
  switch (value) {
    case ENOENT: return ErrorCode::kStoreNotFound;
    case EEXIST: return ErrorCode::kStoreExists;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::kStoreDenied;
    case ENOSPC:
    case EDQUOT: return ErrorCode::kStoreFull;
    default: return ErrorCode::kStoreIo;
  }
}

/// Failures speak of the folder: the temporary name means nothing to anybody.
Status WriteNewFile(const std::string& folder, const std::string& path, std::string_view bytes, Durability durability) {
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  int error = file.valid() ? WriteAll(file.get(), bytes) : errno;
  if (error == 0 && durability == Durability::kDurable && fsync(file.get()) != 0) error = errno;
  // Network file systems report a full disk as late as when the file is closed.
  if (error == 0) error = file.Close();
  if (error == 0) return {};
  return Fail(FileError(error, "write into", folder.empty() ? "." : folder));
}

}  // namespace

Error FileError(int errno_value, std::string_view action, std::string_view path) {
  const ErrorCode code = CodeOfErrno(errno_value);
  Error error(code, fmt::format("cannot {} {}: {}", action, path, std::generic_category().message(errno_value)));
  if (code == ErrorCode::kStoreDenied) {
    return std::move(error).Hint(fmt::format("check the owner and the permissions of {}", path));
  }
  if (code == ErrorCode::kStoreFull) return std::move(error).Hint("free some space or choose another folder");
  return error;
}

Result<std::string> ReadWholeFile(const std::string& path) {
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return Fail(FileError(errno, "read", path));
  struct stat info;
  if (fstat(file.get(), &info) != 0) return Fail(FileError(errno, "read", path));
  if (S_ISDIR(info.st_mode)) return Fail(FileError(EISDIR, "read", path));

  // Pipes and /proc files report size 0, and a file may grow meanwhile: read until the end, whatever the size says.
  std::string bytes;
  std::size_t used = 0;
  bytes.resize(static_cast<std::size_t>(info.st_size) + 1);
  while (true) {
    const ssize_t count = read(file.get(), bytes.data() + used, bytes.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Fail(FileError(errno, "read", path));
    if (count == 0) break;
    used += static_cast<std::size_t>(count);
    if (used == bytes.size()) bytes.resize(bytes.size() + bytes.size() / 2 + 4096);
  }
  bytes.resize(used);
  return bytes;
}

Status WriteWholeFile(const std::string& path, std::string_view bytes, Durability durability) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  SMELT_ASSIGN(const std::string temporary, WriteTemporaryFile(folder, bytes, durability));
  if (std::rename(temporary.c_str(), path.c_str()) == 0) {
    return durability == Durability::kDurable ? SyncPath(folder.empty() ? "." : folder) : Status();
  }
  Error error = FileError(errno, "replace", path);
  unlink(temporary.c_str());
  return Fail(std::move(error));
}

Result<std::string> WriteTemporaryFile(const std::string& folder, std::string_view bytes, Durability durability) {
  std::string path = std::filesystem::path(folder) / fmt::format("{}{}", kTemporaryPrefix, NewUuid());
  Status written = WriteNewFile(folder, path, bytes, durability);
  if (!written && written.error().code() == ErrorCode::kStoreNotFound) {
    SMELT_TRY(CreateFolders(folder));
    written = WriteNewFile(folder, path, bytes, durability);
  }
  if (written) return path;
  unlink(path.c_str());
  return Fail(std::move(written).error());
}

Status SyncPath(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return Fail(FileError(errno, "open", path));
  if (fsync(file.get()) == 0 || errno == EINVAL || errno == EROFS) return {};
  return Fail(FileError(errno, "sync", path));
}

Status CreateFolders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return Fail(FileError(error.value(), "create the folder", path));
  return {};
}

}  // namespace smelt
