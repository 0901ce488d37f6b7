#pragma once

#include "serve/dashboards/dashboard_service.h"
#include "serve/dashboards/live_hub.h"
#include "serve/route_table.h"

namespace smelt::serve {

/// Adds `GET /api/v1/dashboards`, `…/{name}`, `…/{name}/tiles/{tile}` and `…/{name}/live`. Both must outlive the
/// routes.
void AddDashboardRoutes(RouteTable& routes, DashboardService& dashboards, LiveHub& hub);

}  // namespace smelt::serve
