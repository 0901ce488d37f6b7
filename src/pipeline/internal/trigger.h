#pragma once

#include <cstddef>
#include <string_view>

#include "pipeline/definition.h"

namespace smelt::pipeline::internal {

/// Why a task was skipped whose `when` was not true; the records tell such tasks by it.
inline constexpr std::string_view kConditionFails = "its condition does not hold";

/// How the tasks that one task needs have ended so far.
struct NeedCounts {
  std::size_t total = 0;
  std::size_t succeeded = 0;
  std::size_t failed = 0;  ///< or were ruled out
  std::size_t skipped = 0;

  std::size_t ended() const { return succeeded + failed + skipped; }
};

enum class Verdict {
  kWait,
  kRun,
  kSkip,     ///< passed over
  kRuleOut,  ///< cannot run any more, because something failed
};

/// What a trigger rule says at this moment.
Verdict Judge(TriggerRule rule, const NeedCounts& needs);

}  // namespace smelt::pipeline::internal
