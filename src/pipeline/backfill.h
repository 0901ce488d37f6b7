#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "pipeline/definition.h"
#include "state/schedule_store.h"

namespace smelt::pipeline {

/// A stretch of time whose runs are to be made up for.
struct BackfillRequest {
  std::int64_t from_us = 0;  ///< the first instant
  std::int64_t to_us = 0;    ///< the instant before which it ends
  bool all = false;          ///< also instants whose run succeeded, waits or is at work
  bool as_then = false;      ///< with the definition of the instant's last run, where it has one
  Json parameters = Json::object();
};

/// What a backfill comes to.
struct Backfill {
  std::vector<std::int64_t> instants;               ///< that get a run, ascending
  std::map<std::int64_t, state::RunRecord> so_far;  ///< the last run of each instant that has one
};

/// Finds the instants. Errors: kUsage for a pipeline without a timetable, a stretch that ends before it begins or has
/// more than 100,000 instants, and parameters that do not fit; those of the store.
Result<Backfill> PlanBackfill(const Pipeline& pipeline, state::RunStore& runs, const BackfillRequest& request);

/// Queues the runs, all or none, and returns how many. `project` is its name, for the records. Errors: those of the
/// store.
Result<std::int64_t> QueueBackfill(const Pipeline& pipeline, const std::string& project, state::ScheduleStore& store,
                                   const BackfillRequest& request, const Backfill& backfill);

}  // namespace smelt::pipeline
