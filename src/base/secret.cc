#include "base/secret.h"

#include <cstdlib>

namespace smelt {

std::optional<Secret> SecretFromEnvironment(const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr) return std::nullopt;
  return Secret(value);
}

}  // namespace smelt
