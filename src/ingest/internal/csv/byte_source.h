#pragma once

#include <cstddef>

#include "base/error.h"

namespace smelt::ingest {

/// Bytes that are read once, front to back. Confined to one thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Reads up to `capacity` bytes; 0 is the end.
  virtual Result<std::size_t> Read(char* into, std::size_t capacity) = 0;
};

}  // namespace smelt::ingest
