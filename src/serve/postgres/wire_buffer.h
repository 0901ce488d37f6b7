#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace smelt::serve::postgres {

/// Turns an integer to the order of bytes of the network.
template <typename T>
T ToNetwork(T value) {
  static_assert(std::endian::native == std::endian::little);
  if constexpr (sizeof(T) == 2) {
    return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  } else if constexpr (sizeof(T) == 4) {
    return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  } else {
    static_assert(sizeof(T) == 8);
    return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  }
}

/// Bytes that are on their way to a client; grows, and keeps its memory when it is cleared. Confined.
class WireBuffer {
 public:
  std::string_view View() const { return {bytes_.get(), size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void Clear() { size_ = 0; }
  void Truncate(std::size_t size) { size_ = size; }
  /// Gives back what is far more than what is mostly needed.
  void Shrink(std::size_t bytes_max) {
    if (capacity_ <= bytes_max) return;
    bytes_.reset();
    size_ = capacity_ = 0;
  }

  /// Room for `count` more bytes; Commit says how many were written.
  char* Room(std::size_t count) {
    if (capacity_ - size_ < count) Grow(count);
    return bytes_.get() + size_;
  }
  void Commit(std::size_t count) { size_ += count; }

  void Put(std::string_view bytes) {
    if (bytes.empty()) return;  // which may have no address
    std::memcpy(Room(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void PutByte(char byte) {
    *Room(1) = byte;
    ++size_;
  }
  template <typename T>
  void PutInt(T value) {
    const T swapped = ToNetwork(value);
    std::memcpy(Room(sizeof swapped), &swapped, sizeof swapped);
    size_ += sizeof swapped;
  }
  /// A text that ends with a zero byte.
  void PutText(std::string_view text) {
    Put(text.substr(0, text.find('\0')));
    PutByte('\0');
  }
  /// Writes an int32 where one was written before.
  void Patch(std::size_t at, std::int32_t value) {
    const std::int32_t swapped = ToNetwork(value);
    std::memcpy(bytes_.get() + at, &swapped, sizeof swapped);
  }

  /// Begins a message; End writes its length.
  std::size_t Begin(char type) {
    PutByte(type);
    PutInt<std::int32_t>(0);
    return size_ - sizeof(std::int32_t);
  }
  /// A message that is its type alone.
  void PutEmpty(char type) { End(Begin(type)); }
  void End(std::size_t begun) { Patch(begun, static_cast<std::int32_t>(size_ - begun)); }

 private:
  void Grow(std::size_t count) {
    constexpr std::size_t kFirst = 4'096;
    std::size_t capacity = capacity_ == 0 ? kFirst : capacity_ * 2;
    while (capacity - size_ < count) capacity *= 2;
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Reads the body of a message; what is not there reads as nothing, and leaves `failed` behind.
class WireReader {
 public:
  explicit WireReader(std::string_view body) : rest_(body) {}

  template <typename T>
  T Int() {
    T value{};
    if (rest_.size() < sizeof(T)) {
      failed_ = true;
      rest_ = {};
      return value;
    }
    std::memcpy(&value, rest_.data(), sizeof(T));
    rest_.remove_prefix(sizeof(T));
    return ToNetwork(value);
  }
  char Byte() {
    const std::string_view byte = Bytes(1);
    return byte.empty() ? '\0' : byte[0];
  }
  std::string_view Bytes(std::size_t count) {
    if (rest_.size() < count) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }
  /// Up to the next zero byte.
  std::string_view Text() {
    const std::size_t end = rest_.find('\0');
    if (end == std::string_view::npos) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool failed() const { return failed_; }
  /// Whether all was read, and nothing was missing.
  bool Whole() const { return !failed_ && rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace smelt::serve::postgres
