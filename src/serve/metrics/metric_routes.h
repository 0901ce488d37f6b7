#pragma once

#include "serve/query_service.h"
#include "serve/route_table.h"
#include "transform/live_metrics.h"

namespace smelt::serve {

/// Adds the metric API over a project's semantic layer:
///   GET  /api/v1/metrics                     what metrics and saved queries there are
///   GET  /api/v1/metrics/{name}              a metric's rows; other parameters are filters: order__status=sent
///   GET  /api/v1/metrics/{name}/dimensions   what it can be grouped and filtered by
///   GET  /api/v1/metrics/{name}/values       the values that a dimension has
///   POST /api/v1/metrics/query               the rows of several metrics
/// Rows come through `queries`, which keeps answers as long as their tables stay as they are. Both outlive the routes.
void AddMetricRoutes(RouteTable& routes, transform::LiveSemanticLayer& layer, QueryService& queries);

}  // namespace smelt::serve
