#pragma once

#include "serve/route_table.h"

namespace smelt::serve {

/// Adds the pages for people: `/`, `/dashboards/{name}` and the others that the one document of web/ draws by its
/// address, and `/assets/{file}` with its scripts and styles. They come from the program's own memory and hold no data:
/// what a page shows it asks the API for, as its viewer.
void AddPageRoutes(RouteTable& routes);

}  // namespace smelt::serve
