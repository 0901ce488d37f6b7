#include "state/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "state/internal/locked_error.h"

namespace smelt::state {
namespace {

/// A request for the whole file. These are locks of the open file, as flock(2) makes them, which also tell who asks
/// whether the lock is taken without taking it.
struct flock WholeFile() {
  struct flock request = {};
  request.l_type = F_WRLCK;
  request.l_whence = SEEK_SET;
  return request;
}

std::string ReadAll(int descriptor) {
  std::array<char, 1024> buffer{};
  const ssize_t count = pread(descriptor, buffer.data(), buffer.size(), 0);
  return std::string(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
}

/// The owner as the file tells it; an empty one when its holder has not written it yet.
LockOwner ParseOwner(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    return {json.at("run_id"), json.at("host"), json.at("pid"), json.at("since_us")};
  } catch (const Json::exception&) {
    return {};
  }
}

Status WriteOwner(int descriptor, const std::string& path, const LockOwner& owner) {
  const Json json = {{"run_id", owner.run_id}, {"host", owner.host}, {"pid", owner.pid}, {"since_us", owner.since_us}};
  const std::string text = JsonText(json) + "\n";
  if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, text.data(), text.size(), 0) < 0) {
    return Fail(FileError(errno, "write the lock", path));
  }
  return {};
}

/// Whether the path still leads to the file that was opened: someone may have deleted it meanwhile, and a lock on a
/// file that nobody can find protects nothing.
bool IsStillAt(int descriptor, const std::string& path) {
  struct stat opened = {};
  struct stat found = {};
  return fstat(descriptor, &opened) == 0 && stat(path.c_str(), &found) == 0 && opened.st_dev == found.st_dev &&
         opened.st_ino == found.st_ino;
}

}  // namespace

Error internal::LockedError(const LockOwner& holder, std::string_view purpose) {
  if (holder.pid == 0) {
    return Error(ErrorCode::kStateLocked, fmt::format("{} is locked by another process", purpose))
        .Hint("wait for it to end, then run again");
  }
  return Error(ErrorCode::kStateLocked,
               fmt::format("{} is running already: run {} in process {} on {}, since {}", purpose, holder.run_id,
                           holder.pid, holder.host, FormatUtcMicros(holder.since_us)))
      .Hint("wait for that run to end, or stop its process");
}

LockOwner CurrentOwner(std::string run_id) {
  std::array<char, 256> name{};
  const bool known = gethostname(name.data(), name.size() - 1) == 0;
  return {std::move(run_id), known ? name.data() : "localhost", getpid(), NowMicros()};
}

Result<FileLock> FileLock::Acquire(const std::string& path, const LockOwner& owner, std::string_view purpose) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (!folder.empty()) SMELT_TRY(CreateFolders(folder));
  while (true) {
    FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (!file.valid()) return Fail(FileError(errno, "open the lock", path));
    struct flock request = WholeFile();
    if (fcntl(file.get(), F_OFD_SETLK, &request) != 0) {
      if (errno == EAGAIN || errno == EACCES)
        return Fail(internal::LockedError(ParseOwner(ReadAll(file.get())), purpose));
      return Fail(FileError(errno, "lock", path));
    }
    if (!IsStillAt(file.get(), path)) continue;
    SMELT_TRY(WriteOwner(file.get(), path, owner));
    return FileLock(std::move(file), path);
  }
}

bool FileLock::IsInPlace() const {
  return IsStillAt(file_.get(), path_);
}

Result<std::optional<LockOwner>> FileLock::Holder(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() && errno == ENOENT) return std::nullopt;
  if (!file.valid()) return Fail(FileError(errno, "open the lock", path));
  struct flock request = WholeFile();
  if (fcntl(file.get(), F_OFD_GETLK, &request) != 0) return Fail(FileError(errno, "query the lock", path));
  if (request.l_type == F_UNLCK) return std::nullopt;
  return ParseOwner(ReadAll(file.get()));
}

}  // namespace smelt::state
