#pragma once

#include <vector>

#include "base/error.h"
#include "transform/internal/project/located_properties.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Adds the unit tests of models that are there, one for each version that they are for, with the rows of their
/// fixture files and of seeds. Errors: kJinja…, kConfig…, kDbtRefMissing, kDbtDuplicate, kDbtConfigInvalid, kStore….
Status AddUnitTests(ProjectState& project, const std::vector<LocatedProperties>& files);

}  // namespace smelt::transform
