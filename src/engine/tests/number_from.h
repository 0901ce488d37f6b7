#pragma once

#include <cstdint>
#include <cstdlib>

namespace smelt::engine {

/// A number that an environment variable gives to a test.
inline std::int64_t NumberFrom(const char* variable, std::int64_t fallback) {
  const char* text = std::getenv(variable);
  return text == nullptr ? fallback : std::strtoll(text, nullptr, 10);
}

}  // namespace smelt::engine
