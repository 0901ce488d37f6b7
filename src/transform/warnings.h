#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace smelt::transform {

/// What becomes of a warning.
enum class WarningFate : std::uint8_t { kTell, kFail, kSilence };

/// Which warnings are errors, and which are not told: dbt's --warn-error and --warn-error-options. Warnings go by the
/// names that dbt has for them: "NoNodesForSelectionCriteria", "LogTestResult", "JinjaLogWarning"; "Deprecations" is a
/// name of all that say that something is no longer done so.
struct WarningRules {
  bool all_are_errors = false;
  std::vector<std::string> errors, warnings, silenced;

  /// What is said of the name counts more than what is said of all; of both, being silent most, being an error least.
  WarningFate FateOf(std::string_view name, bool is_deprecation = false) const;
};

/// Reads {error: all | [names], warn: [names], silence: [names]}; `include` and `exclude` are old names of the first
/// two. Errors: kUsage.
Result<WarningRules> ReadWarningRules(const Json& options);

}  // namespace smelt::transform
