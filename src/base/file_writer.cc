#include "base/file_writer.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/file.h"

namespace smelt {
namespace {

/// Copies through memory, for what the system cannot copy itself. Returns the errno value, 0 on success.
int CopyBytes(int from, std::int64_t offset, std::int64_t size, int to) {
  std::array<char, 1 << 16> buffer;
  while (size > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(size, buffer.size()));
    const ssize_t count = pread(from, buffer.data(), wanted, offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return EIO;  // the file is shorter than was said
    if (const int error = WriteAll(to, {buffer.data(), static_cast<std::size_t>(count)})) return error;
    offset += count;
    size -= count;
  }
  return 0;
}

}  // namespace

FileWriter::FileWriter(std::string path, std::string temporary, FileDescriptor file)
    : path_(std::move(path)), temporary_(std::move(temporary)), file_(std::move(file)) {}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)),
      size_(other.size_) {}

FileWriter::~FileWriter() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Result<FileWriter> FileWriter::Create(const std::string& path) {
  SMELT_ASSIGN(std::string temporary, WriteTemporaryFile(std::filesystem::path(path).parent_path().string(), ""));
  FileDescriptor file(open(temporary.c_str(), O_WRONLY | O_CLOEXEC));
  const int error = file.valid() ? 0 : errno;
  FileWriter writer(path, std::move(temporary), std::move(file));
  if (error != 0) return Fail(FileError(error, "write", path));
  return writer;
}

Status FileWriter::Append(std::string_view bytes) {
  if (const int error = WriteAll(file_.get(), bytes)) return Fail(FileError(error, "write", path_));
  size_ += static_cast<std::int64_t>(bytes.size());
  return {};
}

Status FileWriter::AppendFrom(const std::string& path, std::int64_t offset, std::int64_t size) {
  const FileDescriptor from(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!from.valid()) return Fail(FileError(errno, "read", path));
  size_ += size;
  while (size > 0) {
    off_t start = offset;
    const ssize_t count = copy_file_range(from.get(), &start, file_.get(), nullptr, static_cast<std::size_t>(size), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    offset += count;
    size -= count;
  }
  if (const int error = CopyBytes(from.get(), offset, size, file_.get())) {
    return Fail(FileError(error, "copy into", path_));
  }
  return {};
}

Status FileWriter::Overwrite(std::int64_t offset, std::string_view bytes) {
  SMELT_ASSERT(offset >= 0 && offset + static_cast<std::int64_t>(bytes.size()) <= size_);
  while (!bytes.empty()) {
    const ssize_t count = pwrite(file_.get(), bytes.data(), bytes.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Fail(FileError(errno, "write", path_));
    bytes.remove_prefix(static_cast<std::size_t>(count));
    offset += count;
  }
  return {};
}

void FileWriter::BeginFlush() {
  // Renaming over a file makes ext4 find a place for all bytes of the new one first.
  sync_file_range(file_.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
}

std::uint64_t FileWriter::Inode() const {
  struct stat info {};
  return fstat(file_.get(), &info) == 0 ? info.st_ino : 0;
}

Status FileWriter::Finish() {
  if (const int error = file_.Close()) return Fail(FileError(error, "write", path_));
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return Fail(FileError(errno, "replace", path_));
  temporary_.clear();
  return {};
}

}  // namespace smelt
