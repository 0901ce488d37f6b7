#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/internal/project.h"
#include "base/error.h"
#include "state/run_store.h"

namespace smelt::app {

/// How a pipeline stands.
struct LastRuns {
  std::string pipeline = {};
  std::optional<state::RunRecord> last = {};        ///< the newest run that has begun
  std::optional<state::RunRecord> last_ended = {};  ///< the newest that does not run any more
  std::optional<state::RunRecord> last_good = {};
  std::int64_t due_us = 0;   ///< when the schedule wants a run after the last good one; 0: no schedule, or never run
  std::int64_t late_us = 0;  ///< how long that is overdue, beyond what a run may take; 0: it is not
};

/// Every pipeline that has run or that the project describes, by name.
/// Errors: those of RunStore. A pipeline whose definition cannot be read has no schedule.
Result<std::vector<LastRuns>> ReadLastRuns(state::RunStore& runs, const std::optional<ProjectConfig>& project,
                                           std::int64_t now_us);

}  // namespace smelt::app
