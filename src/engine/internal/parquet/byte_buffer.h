#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace smelt::engine::parquet {

/// Bytes that grow. Unlike std::string it leaves new bytes as they come, and keeps its memory when it is cleared.
class ByteBuffer {
 public:
  const char* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }
  std::string_view view() const { return {bytes_.get(), size_}; }
  void clear() { size_ = 0; }

  /// Adds bytes, which the caller writes. The place is good until the next call.
  char* Grow(std::size_t count) {
    if (size_ + count > capacity_) Reserve(std::max(size_ + count, 2 * capacity_));
    size_ += count;
    return bytes_.get() + size_ - count;
  }
  /// Takes back the end of what Grow added.
  void Shrink(std::size_t size) { size_ = size; }
  void Append(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(Grow(bytes.size()), bytes.data(), bytes.size());
  }
  template <class Number>
  void AppendNumber(Number number) {
    std::memcpy(Grow(sizeof(number)), &number, sizeof(number));
  }
  template <class Number>
  void Overwrite(std::size_t at, Number number) {
    std::memcpy(bytes_.get() + at, &number, sizeof(number));
  }
  void Reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
    capacity_ = capacity;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace smelt::engine::parquet
