#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace smelt::quality {

/// What is wrong with kwargs that are each of the right type.
struct KwargFault {
  std::string kwarg;  ///< where it is
  std::string problem, cure;
};

/// Finds regular expressions that are none. (Bounds in the wrong order have a verdict of Great Expectations' own.) A
/// pure function.
std::optional<KwargFault> FindKwargFault(const Json& kwargs);

}  // namespace smelt::quality
