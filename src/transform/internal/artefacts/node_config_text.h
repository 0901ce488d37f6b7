#pragma once

#include "transform/internal/artefacts/json_writer.h"
#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// Writes a node's configuration as dbt's artefacts hold it: every key of its kind, then whatever else it has.
void WriteNodeConfig(const Node& node, JsonWriter& json);

}  // namespace smelt::transform
