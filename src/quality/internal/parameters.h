#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace smelt::quality {

/// True when `value` holds a {"$PARAMETER": …} at any depth.
bool HasParameter(const Json& value);

/// Gives the value of a parameter, nothing when it has none.
using ParameterLookup = std::function<std::optional<Json>(std::string_view name)>;

/// Replaces every {"$PARAMETER": expression} in `value`. An expression that is just a name takes any value; arithmetic
/// takes numbers, and a whole result is an integer.
/// Errors: kConfigKeyMissing (a name without value), kConfigValueInvalid.
Result<Json> ReplaceParameters(const Json& value, const ParameterLookup& lookup);

}  // namespace smelt::quality
