#include "transform/internal/project/warnings.h"

#include "base/log.h"

namespace smelt::transform {

WarningFate FateOf(const InvokeOptions& options, std::string_view name) {
  WarningRules rules = options.warning_rules;
  rules.all_are_errors = rules.all_are_errors || options.warn_error;
  return rules.FateOf(name, name.empty());
}

Status TellWarning(const InvokeOptions& options, const Error& warning, std::string_view name) {
  const WarningFate fate = FateOf(options, name);
  if (fate == WarningFate::kFail) return Fail(warning);
  if (fate == WarningFate::kSilence) return {};
  if (options.warn) {
    options.warn(warning);
  } else {
    Log(LogLevel::kWarn, "transform.project.warning", {{"message", warning.ToString()}});
  }
  return {};
}

}  // namespace smelt::transform
