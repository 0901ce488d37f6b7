#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "transform/warnings.h"

namespace smelt::transform {
namespace {

constexpr std::string_view kDeprecations = "Deprecations";

Result<std::vector<std::string>> Names(const std::string& key, const Json& list) {
  std::vector<std::string> names;
  const bool fits = list.is_array() && std::ranges::all_of(list, [](const Json& name) { return name.is_string(); });
  if (!fits) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("warn_error_options: {} wants a list of names", key))
                    .Hint("for instance {error: all, warn: [NoNodesForSelectionCriteria]}"));
  }
  return list.get<std::vector<std::string>>();
}

}  // namespace

WarningFate WarningRules::FateOf(std::string_view name, bool is_deprecation) const {
  const std::pair<const std::vector<std::string>&, WarningFate> lists[] = {
      {silenced, WarningFate::kSilence}, {warnings, WarningFate::kTell}, {errors, WarningFate::kFail}};
  for (const std::string_view wanted : {name, is_deprecation ? kDeprecations : std::string_view()}) {
    if (wanted.empty()) continue;
    for (const auto& [names, fate] : lists) {
      if (std::ranges::find(names, wanted) != names.end()) return fate;
    }
  }
  return all_are_errors ? WarningFate::kFail : WarningFate::kTell;
}

Result<WarningRules> ReadWarningRules(const Json& options) {
  WarningRules rules;
  for (const auto& [key, value] : options.items()) {
    if (value.is_null()) continue;
    const bool means_errors = key == "error" || key == "include";
    const bool means_all = value == "all" || value == "*";
    if (means_errors && means_all) {
      rules.all_are_errors = true;
    } else if (means_errors) {
      SMELT_ASSIGN(rules.errors, Names(key, value));
    } else if (key == "warn" || key == "exclude") {
      SMELT_ASSIGN(rules.warnings, Names(key, value));
    } else if (key == "silence") {
      SMELT_ASSIGN(rules.silenced, Names(key, value));
    } else {
      return Fail(Error(ErrorCode::kUsage, fmt::format("warn_error_options: there is no key '{}'", key))
                      .Hint("it takes error, warn and silence"));
    }
  }
  return rules;
}

}  // namespace smelt::transform
