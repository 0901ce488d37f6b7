#pragma once

#include <cstdint>

namespace smelt {

/// What a piece of work took of the machine.
struct Usage {
  double cpu_seconds = 0;
  std::int64_t bytes_read = 0;     ///< from files
  std::int64_t bytes_written = 0;  ///< to files

  Usage& operator+=(const Usage& other) {
    cpu_seconds += other.cpu_seconds;
    bytes_read += other.bytes_read;
    bytes_written += other.bytes_written;
    return *this;
  }
  bool operator==(const Usage&) const = default;
};

}  // namespace smelt
