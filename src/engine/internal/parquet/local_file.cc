#include "engine/internal/parquet/local_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "engine/internal/parquet/format.h"

namespace smelt::engine::parquet {
namespace {

constexpr std::uint64_t kFooterSizeMax = 256 << 20;

}  // namespace

std::optional<LocalFile> LocalFile::Open(const std::string& path) {
  FileDescriptor descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status = {};
  if (!descriptor.valid() || fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  LocalFile file(std::move(descriptor), path, status);
  const std::optional<std::string> footer = file.ReadFooter();
  std::optional<FileLayout> layout = footer ? FileLayout::Parse(*footer) : std::nullopt;
  if (!layout) return std::nullopt;
  file.layout_ = *std::move(layout);
  return file;
}

LocalFile::LocalFile(FileDescriptor file, std::string path, const struct stat& status)
    : file_(std::move(file)),
      path_(std::move(path)),
      size_(static_cast<std::uint64_t>(status.st_size)),
      written_(status.st_mtim) {}

bool LocalFile::IsAsOpened() const {
  struct stat now = {};
  return fstat(file_.get(), &now) == 0 && static_cast<std::uint64_t>(now.st_size) == size_ &&
         now.st_mtim.tv_sec == written_.tv_sec && now.st_mtim.tv_nsec == written_.tv_nsec;
}

bool LocalFile::Read(std::uint64_t offset, char* to, std::uint64_t size) const {
  if (offset > size_ || size > size_ - offset) return false;
  while (size > 0) {
    const ssize_t count = pread(file_.get(), to, size, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    to += count;
    offset += static_cast<std::uint64_t>(count);
    size -= static_cast<std::uint64_t>(count);
  }
  return true;
}

std::optional<std::string> LocalFile::ReadFooter() const {
  std::array<char, 8> end = {};
  if (size_ < end.size() || !Read(size_ - end.size(), end.data(), end.size())) return std::nullopt;
  std::uint32_t size = 0;
  std::memcpy(&size, end.data(), sizeof(size));
  const bool is_parquet = std::string_view(end.data() + sizeof(size), kMagic.size()) == kMagic;
  if (!is_parquet || size > size_ - end.size() || size > kFooterSizeMax) return std::nullopt;
  std::string footer(size, '\0');
  return Read(size_ - end.size() - size, footer.data(), size) ? std::optional(std::move(footer)) : std::nullopt;
}

}  // namespace smelt::engine::parquet
