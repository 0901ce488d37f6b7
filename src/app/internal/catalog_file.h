#pragma once

#include <string>

#include "engine/session.h"

namespace smelt::app {

/// Writes <lake>/_smelt/catalog.json, the list of tables with their versions, sizes and columns that dashboards and
/// tools read without opening logs. Returns whether anything had changed; an unchanged file is left alone.
/// Errors: kStore…, kDelta….
Result<bool> RefreshCatalogFile(engine::Engine& engine, const std::string& project);

}  // namespace smelt::app
