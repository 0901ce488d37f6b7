#pragma once

#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Computes the definition hash of every node: the identity of its SQL, its configuration, what it reads and the macros
/// that it may call, except built-in ones. The manifest's order must be there.
void HashDefinitions(ProjectState& project);

}  // namespace smelt::transform
