#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "pipeline/definition.h"
#include "pipeline/report.h"

namespace smelt::pipeline::internal {

/// The names that the condition, the items and the settings of a task use; none of an expression that is wrong.
std::vector<std::string> UsedNames(const TaskDefinition& task);

/// What the names of `used` can lead to: vars, params (the same), run and, once they have ended, those tasks that are
/// named. `known` has tasks that are not of this run.
Json NamesOf(const std::vector<std::string>& used, const RunReport& report, const Json& vars, const Json& known,
             std::int64_t scheduled_us, std::string_view triggered_by);

/// What expressions find under the name of a task.
Json NamesOfTask(std::string_view status, const TaskOutcome& outcome);

/// Whether every name in the conditions and texts of a pipeline can exist: its first part is known, `params.x` is a
/// param, `tasks.x` is a task that ends before. Errors, with file and line: kConfigValueInvalid.
Status CheckNames(const Pipeline& pipeline);

/// A task's settings with the expressions in their texts replaced; the settings themselves where there are none.
/// Errors: kConfigValueInvalid, at their place.
Result<ConfigNode> RenderSettings(const ConfigNode& with, const Json& names);

}  // namespace smelt::pipeline::internal
