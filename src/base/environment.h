#pragma once

#include <cstdlib>
#include <string>

namespace smelt {

/// A variable of the process's environment; "" if it is not set. Not to be called while another thread sets one.
inline std::string EnvironmentVariable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace smelt
