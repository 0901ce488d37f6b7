#pragma once

#include <vector>

#include "base/error.h"
#include "transform/internal/project/located_properties.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Adds groups, and what properties files say of macros. A macro that is not there becomes a warning.
Status AddGroupsAndMacros(ProjectState& project, const std::vector<LocatedProperties>& files);

/// Adds exposures, semantic models, metrics and saved queries. After the nodes.
/// Errors: kJinja…, kConfig…, kDbtRefMissing, kDbtDuplicate.
Status AddDescribed(ProjectState& project, const std::vector<LocatedProperties>& files);

}  // namespace smelt::transform
