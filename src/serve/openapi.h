#pragma once

#include <string>

#include "base/json.h"
#include "serve/route_table.h"

namespace smelt::serve {

/// The OpenAPI 3.1 document of routes.
Json OpenApiDocument(const RouteTable& routes);

/// Adds `GET /api/v1/openapi.json`, the document of all routes that are there by then and of itself, and `GET /api`,
/// the same as a page for people. Comes last.
void AddDocumentRoutes(RouteTable& routes);

}  // namespace smelt::serve
