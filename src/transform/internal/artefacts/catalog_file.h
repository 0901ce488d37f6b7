#pragma once

#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Writes <target>/catalog.json (version 1): columns and statistics of the tables and views, among `tables`, that
/// belong to nodes and sources. Errors: kStore….
Status WriteCatalog(const ProjectState& project, const std::vector<engine::TableInfo>& tables);

}  // namespace smelt::transform
