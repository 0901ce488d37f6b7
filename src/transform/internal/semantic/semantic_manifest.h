#pragma once

#include "base/json.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// What semantic_manifest.json holds: semantic models, metrics and saved queries as MetricFlow reads them, in the order
/// of their definition, and the models that are time spines.
Json SemanticManifest(const ProjectState& project);

/// Where a model's rows are, as the semantic layer names it.
Json SemanticRelation(const RelationName& relation);

}  // namespace smelt::transform
