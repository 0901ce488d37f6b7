#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "state/schedule_store.h"

namespace smelt::serve::internal {

/// A run in a few words: its id, pipeline, status, times and error.
Json RunJson(const state::RunRecord& run);

/// A run whole: its parameters, who called for it, what goes on with it, and its tasks. Errors: those of the store.
Result<Json> StandingOf(state::ScheduleStore& store, const state::RunRecord& run);

/// Where a run of a pipeline is told of.
std::string RunAddress(std::string_view pipeline, std::string_view run_id);

}  // namespace smelt::serve::internal
