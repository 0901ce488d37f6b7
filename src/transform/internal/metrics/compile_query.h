#pragma once

#include "base/error.h"
#include "transform/internal/metrics/semantic_graph.h"
#include "transform/metrics.h"

namespace smelt::transform {

/// SemanticLayer::Compile. `depth`: how many queries this one is a condition of.
Result<MetricStatement> CompileMetricQuery(const SemanticGraph& graph, const MetricQuery& query, int depth = 0);

}  // namespace smelt::transform
