#pragma once

#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace smelt {

/// Owns an open file descriptor. Confined to one thread.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileDescriptor() { Close(); }

  bool valid() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

  /// Gives the descriptor away to what closes it.
  int Release() { return std::exchange(descriptor_, -1); }

  /// Closes now. Returns the errno value, 0 on success.
  int Close() {
    if (!valid()) return 0;
    return close(std::exchange(descriptor_, -1)) == 0 ? 0 : errno;
  }

 private:
  int descriptor_ = -1;
};

/// Writes all bytes. Returns the errno value, 0 on success.
inline int WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

}  // namespace smelt
