#include "app/internal/serving/server_parts.h"

#include "serve/pages/page_routes.h"

namespace smelt::app {

Result<std::unique_ptr<ServerParts>> ServerParts::Make(const Place& place) {
  return std::unique_ptr<ServerParts>(new ServerParts(place));
}

void ServerParts::AddRoutes(serve::RouteTable& routes) {
  serve::AddPageRoutes(routes);
}

}  // namespace smelt::app
