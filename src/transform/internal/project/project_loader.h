#pragma once

#include "base/error.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Reads and checks the project whose options are set. `project` must not move afterwards.
/// Errors: see Project::Load.
Status LoadProject(ProjectState& project);

}  // namespace smelt::transform
