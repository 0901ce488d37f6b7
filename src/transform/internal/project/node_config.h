#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "transform/internal/project/macro_set.h"
#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// Adds one setting to the configuration of a node, over what is there: tags and hooks add up, maps like `meta` are
/// merged, everything else is replaced. `pre-hook` and `pre_hook` are the same key. Keys that dbt does not know are
/// allowed, unless they look like a misspelt one.
/// Errors: kDbtConfigInvalid for a misspelt key or a wrong value, kDbtUnsupported; without a place.
Status AddConfig(Json& config, ResourceType type, std::string_view key, Json value, const MacroSet& macros);

/// The typed settings of a resolved configuration. Errors: kDbtConfigInvalid for settings that do not go together.
Result<NodeConfig> ResolveConfig(ResourceType type, Json config);

/// Whether the configuration leaves the node in the project.
bool IsEnabled(const Json& config);

}  // namespace smelt::transform
