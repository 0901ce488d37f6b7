#pragma once

#include <string>
#include <vector>

#include "transform/internal/run/node_run.h"

namespace smelt::transform {

/// Adds what a build says of exposures and saved queries: they have nothing to do, and are skipped where something that
/// they depend on, directly or not, failed or was skipped itself.
void AddDescribedResults(const RunContext& run, const std::vector<std::string>& ids, RunObserver& observer,
                         std::vector<NodeResult>& results);

}  // namespace smelt::transform
