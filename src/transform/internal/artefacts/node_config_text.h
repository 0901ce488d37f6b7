#pragma once

#include "transform/internal/artefacts/json_text.h"
#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// Writes a node's configuration as dbt's artefacts hold it: every key of its kind, then whatever else it has.
void WriteNodeConfig(const Node& node, JsonText& json);

}  // namespace smelt::transform
