#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "transform/internal/project/macro_set.h"
#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// The schema of tests that keep their failing rows, unless they say otherwise.
inline constexpr std::string_view kFailuresSchema = "dbt_test__audit";

/// Adds one setting to the configuration of a node, over what is there: tags and hooks add up, maps like `meta` are
/// merged, everything else is replaced. `pre-hook` and `pre_hook` are the same key. Keys that dbt does not know are
/// allowed; one that looks like a misspelt one becomes a warning.
/// Errors: kDbtConfigInvalid for a wrong value; without a place.
Status AddConfig(Json& config, ResourceType type, std::string_view key, Json value, std::vector<Error>& warnings);

/// Refuses a materialization that nobody defines. Errors: kDbtConfigInvalid, without a place.
Status CheckMaterialized(const std::string& name, const MacroSet& macros);

/// The typed settings of a resolved configuration. Errors: kDbtConfigInvalid for settings that do not go together.
Result<NodeConfig> ResolveConfig(ResourceType type, Json config);

/// Whether the configuration leaves the node in the project.
bool IsEnabled(const Json& config);

}  // namespace smelt::transform
