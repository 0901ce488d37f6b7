#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "pipeline/definition.h"
#include "pipeline/run.h"
#include "state/run_store.h"

namespace smelt::pipeline::internal {

/// What a run will work with. The lists have one entry per task of the definition.
struct RunPlan {
  Json vars = Json::object();             ///< what tasks see
  Json parameters = Json::object();       ///< what was given on top of the definition; recorded with the run
  std::string resumed_from;               ///< the run that is gone on with, or empty
  std::string origin;                     ///< the first of those that were gone on with one after another, or empty
  std::vector<std::string> fingerprints;  ///< of everything that a task's work depends on but data
  std::vector<std::optional<state::TaskRecord>> reused;  ///< the finished record of a task that is not run again
  std::map<std::string, state::TaskRecord> items;  ///< of tasks that are: what is done of their items, by fingerprint
};

/// The fingerprint of a task done for an item, from that of the task.
std::string ItemFingerprint(const std::string& task, const Json& item);

/// Works out variables and, when the options ask to resume and the last run did not succeed, which of its tasks need
/// not be repeated. Errors: those of RunStore.
Result<RunPlan> PlanRun(const Pipeline& pipeline, state::RunStore& store, const RunOptions& options);

}  // namespace smelt::pipeline::internal
