#include "transform/internal/project/warnings.h"

#include "base/log.h"

namespace smelt::transform {

Status TellWarning(const InvokeOptions& options, const Error& warning) {
  if (options.warn_error) return Fail(warning);
  if (options.warn) {
    options.warn(warning);
  } else {
    Log(LogLevel::kWarn, "transform.project.warning", {{"message", warning.ToString()}});
  }
  return {};
}

}  // namespace smelt::transform
