#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

namespace smelt::serve {

/// When a file was changed last, so that it is read again only then.
struct FileStamp {
  std::int64_t seconds = -1, nanos = 0, bytes = 0;
  std::uint64_t inode = 0;
  auto operator<=>(const FileStamp&) const = default;
};

/// That of no file if it cannot be looked at.
inline FileStamp StampOfFile(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size, status.st_ino};
}

}  // namespace smelt::serve
