#pragma once

#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "pipeline/params.h"

namespace smelt::pipeline::internal {

/// Reads the `params` of a pipeline: a map of names to defaults, or to maps with type, default, description and
/// choices. Errors, with file and line: kConfigKeyUnknown, kConfigValueInvalid.
Result<std::vector<Param>> ReadParams(const ConfigNode& root);

}  // namespace smelt::pipeline::internal
