#pragma once

#include "base/error.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// Tells of what looks wrong but does no harm: whoever asked for warnings, or the log.
/// Errors: the warning itself when the invocation takes warnings for errors.
Status TellWarning(const InvokeOptions& options, const Error& warning);

}  // namespace smelt::transform
