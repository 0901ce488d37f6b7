#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Unique ids of the nodes, source tables, exposures, metrics and so on that dbt's selection picks, in their order. The
/// invocation's --selector counts before `select` and `exclude`; when all are empty, the default selector of
/// selectors.yml, and everything when there is none. Ids that the invocation names (`only`) count before all. The
/// language: selection_text.h; its methods: methods.h. A criterion that picks nothing, and broken contracts that state:
/// comparisons find, are said as warnings of the invocation. Errors: kDbtSelectorInvalid for a selection that cannot be
/// understood; those of PreviousState for one that looks at an earlier run; the first warning when warnings
/// are errors.
Result<std::vector<std::string>> SelectMembers(const ProjectState& project, const std::vector<std::string>& select,
                                               const std::vector<std::string>& exclude);

}  // namespace smelt::transform
