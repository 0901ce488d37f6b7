#pragma once

#include "serve/query_service.h"
#include "serve/route_table.h"

namespace smelt::serve {

/// Adds `GET /api/v1/quality`, the newest verdict of each suite of each table with those before it, and
/// `GET /api/v1/quality/{schema}/{table}`, the same of one table with every check. They read the table quality.results;
/// a lake in which nothing was checked has none. The service must outlive the routes.
void AddQualityRoutes(RouteTable& routes, QueryService& queries);

}  // namespace smelt::serve
