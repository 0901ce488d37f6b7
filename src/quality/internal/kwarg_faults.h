#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace smelt::quality {

/// What is wrong with kwargs that are each of the right type.
struct KwargFault {
  std::string kwarg;  ///< where it is
  std::string problem, cure;
};

/// Finds kwargs that Great Expectations refuses whatever the data: bounds in the wrong order where it does not take
/// them for a range that holds nothing, and regular expressions that are none. A pure function.
std::optional<KwargFault> FindKwargFault(std::string_view expectation, const Json& kwargs);

}  // namespace smelt::quality
