#pragma once

#include "serve/access_control.h"
#include "serve/route_table.h"

namespace smelt::serve {

/// Adds the page on which people log in, what it sends, the way out, and what a page has to know of its session.
/// Thread-safe for as long as the routes live.
void AddLoginRoutes(RouteTable& routes, const AccessControl& access);

}  // namespace smelt::serve
