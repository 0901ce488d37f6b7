#pragma once

#include "serve/dashboards/dashboard_service.h"
#include "transform/live_metrics.h"

namespace smelt::serve {

/// Makes questions of tiles that ask for metrics: their dimensions, the grain that is chosen, and the filters that the
/// tile takes, a range of dates without a dimension being one of metric_time. The layer outlives the result.
/// Errors of the result: those of LiveSemanticLayer::Current and SemanticLayer::Compile, at the tile.
CompileMetric MetricsOfTiles(transform::LiveSemanticLayer& layer);

}  // namespace smelt::serve
