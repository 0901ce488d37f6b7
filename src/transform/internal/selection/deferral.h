#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Looks up where the rows of nodes are in another state, the manifest of --defer-state or --state, and sets
/// Node::deferred: of inputs of the selected nodes that this run does not make and that do not exist here, or that
/// --favor-state prefers there. `also_read`: other nodes that are read. `clone` asks for the selected nodes themselves.
/// Nothing without --defer.
/// Errors: kUsage when the other state is not given, kConfigValueInvalid when it cannot be read, kStore….
Status DeferInputs(ProjectState& project, engine::Engine& engine, const std::vector<std::string>& selected,
                   const std::vector<std::string>& also_read);

}  // namespace smelt::transform
