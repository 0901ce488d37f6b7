#pragma once

#include <vector>

#include "base/error.h"
#include "transform/internal/project/located_properties.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Adds the generic tests of nodes and sources that are there.
/// Errors: kJinjaUndefined for a test that does not exist, kDbtDuplicate, kDbtConfigInvalid.
Status AddGenericTests(ProjectState& project, const std::vector<LocatedProperties>& files);

}  // namespace smelt::transform
