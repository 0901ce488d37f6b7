#pragma once

#include <vector>

#include "transform/inspect.h"
#include "transform/internal/artefacts/node_text.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {

/// The SQL of nodes for the manifest, with the files that hold it, relative to the project where that can be.
CompiledTexts CompiledTextsOf(const RunContext& run, const std::vector<NodeResult>& results);
CompiledTexts CompiledTextsOf(const RunContext& run, const std::vector<CompiledNode>& nodes);

}  // namespace smelt::transform
