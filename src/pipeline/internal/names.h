#pragma once

#include "base/error.h"
#include "base/json.h"
#include "pipeline/definition.h"
#include "pipeline/report.h"

namespace smelt::pipeline::internal {

/// What expressions of a run can name: vars, params (the same), run and, once they have ended, tasks.
Json NamesOf(const Pipeline& pipeline, const RunReport& report, const Json& vars, std::int64_t scheduled_us,
             std::string_view triggered_by);

/// Whether every name in the conditions and texts of a pipeline can exist: its first part is known, `params.x` is a
/// param, `tasks.x` is a task that ends before. Errors, with file and line: kConfigValueInvalid.
Status CheckNames(const Pipeline& pipeline);

/// A task's settings with the expressions in their texts replaced; the settings themselves where there are none.
/// Errors: kConfigValueInvalid, at their place.
Result<ConfigNode> RenderSettings(const ConfigNode& with, const Json& names);

}  // namespace smelt::pipeline::internal
