#pragma once

#include <vector>

#include "base/error.h"
#include "transform/internal/project/located_properties.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Adds the source tables that properties files define and that are enabled.
/// Errors: kJinja…, kDbtDuplicate, kConfigValueInvalid.
Status AddSources(ProjectState& project, const std::vector<LocatedProperties>& files);

}  // namespace smelt::transform
