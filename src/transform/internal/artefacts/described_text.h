#pragma once

#include "base/json.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// An exposure, metric, semantic model or saved query as the manifest holds it, with dbt's keys in dbt's order.
Json DescribedText(const ProjectState& project, const Described& described);

}  // namespace smelt::transform
