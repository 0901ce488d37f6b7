#pragma once

#include <string>

#include "base/error.h"
#include "transform/freshness.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Writes the ages of sources as dbt's sources.json (version 3) to `path`, empty: into the target folder. Those that
/// could not be found out are left out, as dbt does. Errors: kStore….
Status WriteSourcesFile(const ProjectState& project, const FreshnessResults& results, const std::string& path);

}  // namespace smelt::transform
