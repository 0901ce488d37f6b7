#pragma once

#include <vector>

#include "transform/internal/jinja/value.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {

/// What hooks at the end of a run see of the results of its nodes: `results`, each with node, status, message,
/// failures, execution_time, timing, thread_id, adapter_response and to_dict(). Of hooks, only those that failed.
jinja::Value ResultValues(const RunContext& run, const std::vector<NodeResult>& results);

/// The schemas in which nodes were built, ordered: `schemas`, as texts, or as pairs with their database.
jinja::Value SchemaValues(const RunContext& run, const std::vector<NodeResult>& results, bool with_database);

}  // namespace smelt::transform
