#include "ingest/internal/file_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <vector>

#include "base/file.h"
#include "ingest/internal/discovery.h"

namespace smelt::ingest {

Result<FileSource> FileSource::Open(const std::string& path) {
  FileDescriptor descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor.valid()) return Fail(FileError(errno, "read", path));
  posix_fadvise(descriptor.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return FileSource(path, std::move(descriptor));
}

Result<std::size_t> FileSource::Read(char* into, std::size_t capacity) {
  while (true) {
    const ssize_t count = read(descriptor_.get(), into, capacity);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Fail(FileError(errno, "read", path_));
    hasher_.Update({into, static_cast<std::size_t>(count)});
    bytes_read_ += count;
    return static_cast<std::size_t>(count);
  }
}

FileStamp FileSource::Stamp() const {
  FileStamp stamp{bytes_read_, hasher_.Finish()};
  struct stat info {};
  if (::fstat(descriptor_.get(), &info) == 0) {
    stamp.inode = info.st_ino;
    stamp.modified_us = ModifiedMicros(info);
  }
  return stamp;
}

Result<FileStamp> StampFile(const std::string& path, const std::function<void(std::int64_t)>& on_bytes,
                            const std::stop_token& stop) {
  SMELT_ASSIGN(FileSource file, FileSource::Open(path));
  std::vector<char> buffer(std::size_t{1} << 18);
  while (true) {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, fmt::format("reading {} was stopped", path));
    SMELT_ASSIGN(const std::size_t count, file.Read(buffer.data(), buffer.size()));
    if (count == 0) return file.Stamp();
    on_bytes(static_cast<std::int64_t>(count));
  }
}

}  // namespace smelt::ingest
