#pragma once

#include <stop_token>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/progress.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {

inline constexpr std::string_view kOnRunStart = "on-run-start", kOnRunEnd = "on-run-end";

/// Runs the hooks of a run, those of kOnRunStart or kOnRunEnd, one after another, and adds a result for each of them:
/// after one that fails the others are skipped. Those at the end see what became of the nodes as `results`, `schemas`
/// and `database_schemas`. Each is one step for the observer.
/// Errors: kJinja…, kDbt… of a hook at the start that cannot be rendered: nothing has run then.
Status RunProjectHooks(const RunContext& run, std::string_view when, RunObserver& observer, const std::stop_token& stop,
                       std::vector<NodeResult>& results);

}  // namespace smelt::transform
