#pragma once

#include <string>

#include "base/json.h"

namespace smelt::app {

/// The text under a key; "" if there is none, or something else.
inline std::string TextOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace smelt::app
