#include "engine/internal/file_transfer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>

#include "base/file.h"
#include "base/id.h"
#include "base/parallel.h"
#include "engine/internal/error_bridge.h"

namespace smelt::engine {
namespace {

using duckdb::FileFlags;

constexpr std::size_t kTransfersMax = 8;
constexpr std::size_t kTransferBytes = 4 << 20;

bool IsLocalPath(const std::string& address) {
  return address.find("://") == std::string::npos;
}

/// Whether a local file is there, as large as the other.
bool IsThere(const std::string& path, const std::string& like) {
  struct stat there;
  struct stat other;
  return stat(path.c_str(), &there) == 0 && stat(like.c_str(), &other) == 0 && there.st_size == other.st_size;
}

/// Makes a file as young as if it had been written now: by that vacuum knows the files of commits to come.
Status MakeYoung(const std::string& path) {
  if (utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0) return {};
  return Fail(FileError(errno, "touch", path));
}

/// Whether a second name cannot be had here, so that the file has to be copied.
bool NeedsCopy(int problem) {
  return problem == EXDEV || problem == EPERM || problem == EMLINK || problem == EOPNOTSUPP || problem == EACCES;
}

}  // namespace

Status FileTransfer::Copy(const std::string& from, const std::string& to, const std::stop_token& stop) {
  try {
    auto source = source_.database().GetFileSystem().OpenFile(from, FileFlags::FILE_FLAGS_READ);
    auto target = target_.database().GetFileSystem().OpenFile(
        to, FileFlags::FILE_FLAGS_WRITE | FileFlags::FILE_FLAGS_FILE_CREATE_NEW);
    std::vector<char> buffer(kTransferBytes);
    while (true) {
      if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the promotion was interrupted");
      const std::int64_t count = source->Read(buffer.data(), buffer.size());
      if (count <= 0) break;
      target->Write(buffer.data(), static_cast<duckdb::idx_t>(count));
      bytes_copied_ += count;
    }
    target->Sync();
    target->Close();
    ++copied_;
    return {};
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
}

Status FileTransfer::BringOne(const delta::FileCopy& file, const std::stop_token& stop) {
  if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the promotion was interrupted");
  const std::string to = target_.store().Address(file.to);
  // In a bucket an object appears when it is whole.
  if (!IsLocalPath(to)) return Copy(file.from, to, stop);
  SMELT_TRY(CreateFolders(to.substr(0, to.rfind('/'))));
  if (IsLocalPath(file.from)) {
    const int problem = link(file.from.c_str(), to.c_str()) == 0 ? 0 : errno;
    if (problem == 0 || (problem == EEXIST && IsThere(to, file.from))) {
      if (MakeYoung(to)) {
        if (problem == 0) ++linked_;
        return {};
      }
      // A file of somebody else's keeps its time; a copy of one's own has another.
      unlink(to.c_str());
    } else if (problem != EEXIST && !NeedsCopy(problem)) {
      return Fail(FileError(problem, "link", file.from));
    }
  }
  const std::string partial = fmt::format("{}.{}.partial", to, NewUuid());
  Status status = Copy(file.from, partial, stop);
  if (status && rename(partial.c_str(), to.c_str()) != 0) status = Fail(FileError(errno, "rename", partial));
  if (!status) unlink(partial.c_str());
  return status;
}

Status FileTransfer::Bring(const std::vector<delta::FileCopy>& files, const std::stop_token& stop) {
  return ForEachParallel(files.size(), kTransfersMax, [&](std::size_t i) { return BringOne(files[i], stop); });
}

}  // namespace smelt::engine
