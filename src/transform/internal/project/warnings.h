#pragma once

#include <string_view>

#include "base/error.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// Tells of what looks wrong but does no harm: whoever asked for warnings, or the log.
/// `name` is dbt's for the kind of it; empty: what dbt calls a deprecation, of the project's files.
/// Errors: the warning itself when the invocation takes it for an error.
Status TellWarning(const InvokeOptions& options, const Error& warning, std::string_view name);

/// What the invocation wants to become of it.
WarningFate FateOf(const InvokeOptions& options, std::string_view name);

}  // namespace smelt::transform
