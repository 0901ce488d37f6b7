#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt::ingest {

/// Bytes that are read once, front to back. Confined to one thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Reads up to `capacity` bytes; 0 is the end.
  virtual Result<std::size_t> Read(char* into, std::size_t capacity) = 0;
};

/// The bytes of a text, for tests; `chunk` is the most that one Read gives.
class TextSource : public ByteSource {
 public:
  explicit TextSource(std::string text, std::size_t chunk = SIZE_MAX) : text_(std::move(text)), chunk_(chunk) {}

  Result<std::size_t> Read(char* into, std::size_t capacity) override {
    const std::size_t count = std::string_view(text_).substr(at_).copy(into, capacity < chunk_ ? capacity : chunk_);
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t chunk_, at_ = 0;
};

}  // namespace smelt::ingest
