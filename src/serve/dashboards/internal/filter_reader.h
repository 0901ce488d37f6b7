#pragma once

#include "base/config.h"
#include "base/error.h"
#include "serve/dashboards/definition.h"

namespace smelt::serve::internal {

/// Reads one entry of `filters`.
/// Errors: kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid, with file and line.
Result<Filter> ReadFilter(const ConfigNode& node);

/// The text under a key, which must be a name as IsDashboardName has it. Errors: as above.
Result<std::string> ReadName(const ConfigNode& node, std::string_view what);

/// A word of a closed list. Errors: kConfigValueInvalid with the nearest word.
Result<std::string> ReadWord(const ConfigNode& node, std::string_view what, const std::vector<std::string_view>& words);

}  // namespace smelt::serve::internal
