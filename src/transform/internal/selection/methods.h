#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "transform/internal/selection/criterion.h"
#include "transform/internal/selection/members.h"
#include "transform/internal/selection/previous_state.h"

namespace smelt::transform {

/// Whether a criterion picks a member, before its neighbours come along.
using Matcher = std::function<bool(const Member&)>;

/// What methods look at beside the member itself.
struct MethodContext {
  const ProjectState& project;
  const PreviousState& state;
  std::vector<Error>& warnings;  ///< takes what methods find worth saying
};

/// A method of the selection language, "tag:". `make` checks a criterion's value and gives its matcher, which lives no
/// longer than context and criterion. Errors: kDbtSelectorInvalid for values that mean nothing; for methods that look
/// at an earlier run, those of PreviousState.
struct SelectionMethod {
  std::string_view name;
  Result<Matcher> (*make)(const MethodContext& context, const Criterion& criterion);
};

/// The method of that name, or null.
const SelectionMethod* FindSelectionMethod(std::string_view name);
/// All of them, for messages.
std::vector<std::string_view> SelectionMethodNames();

// Those that compare with an earlier run: state_methods.cc.
Result<Matcher> MatchState(const MethodContext& context, const Criterion& criterion);
Result<Matcher> MatchResult(const MethodContext& context, const Criterion& criterion);
Result<Matcher> MatchSourceStatus(const MethodContext& context, const Criterion& criterion);

/// A criterion's value as a text; of a YAML boolean "true" or "false".
std::string ValueText(const Criterion& criterion);

/// An error about a criterion.
Error InvalidCriterion(const Criterion& criterion, std::string_view why);

}  // namespace smelt::transform
