#pragma once

#include "base/config.h"
#include "base/error.h"
#include "serve/dashboards/definition.h"

namespace smelt::serve::internal {

/// Reads one entry of `tiles`. What it refers to is looked at by CheckReferences.
/// Errors: kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid, with file and line.
Result<Tile> ReadTile(const ConfigNode& node);

/// Whether a dashboard's tiles name filters and grains that it has. Errors: kConfigValueInvalid with file and line.
Status CheckReferences(const Dashboard& dashboard);

}  // namespace smelt::serve::internal
