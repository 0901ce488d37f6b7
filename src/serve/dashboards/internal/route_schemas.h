#pragma once

#include "base/json.h"

namespace smelt::serve::internal {

/// JSON Schemas of what the routes of dashboards answer, for documents.
Json DashboardListSchema();
Json DashboardSchema();
Json TileSchema();

}  // namespace smelt::serve::internal
