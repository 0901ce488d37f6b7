#include "app/internal/serving/server_parts.h"

namespace smelt::app {

Result<std::unique_ptr<ServerParts>> ServerParts::Make(const Place& place) {
  return std::unique_ptr<ServerParts>(new ServerParts(place));
}

void ServerParts::AddRoutes(serve::RouteTable& /*routes*/) {}

}  // namespace smelt::app
