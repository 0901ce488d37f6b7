#pragma once

#include "base/json.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {

/// Puts fixed values in the place of macros, "is_incremental", "dates.today" or "dbt.current_timestamp", for one
/// rendering, as the `overrides` of a unit test want it: whatever a macro is called with, it answers with the value.
/// What is no macro, like invocation_id, is replaced as it is; names that nothing has are left alone.
void OverrideMacros(const Json& values, RenderContext& context);

}  // namespace smelt::transform
