#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "transform/internal/selection/criterion.h"

namespace smelt::transform {

struct ProjectState;

/// The selections of selectors.yml by name, in the order of the file.
using NamedSelections = std::vector<std::pair<std::string, NamedSelection>>;

/// Reads the project's selectors.yml; none when there is no such file. What looks wrong but does no harm goes to
/// `project.warnings`. Errors: kConfig…, kDbtSelectorInvalid, kJinja…, all with file and line.
Result<NamedSelections> ReadSelectors(ProjectState& project);

}  // namespace smelt::transform
