#pragma once

#include <string>

#include "pipeline/task.h"
#include "state/schedule_store.h"

namespace smelt::pipeline {

/// What the general tasks work with.
struct GeneralTaskOptions {
  std::string project_dir{};  ///< where commands run and relative paths start
  std::string log_dir{};      ///< output of commands goes to <log_dir>/<run>/<task>.<attempt>.log; empty: nowhere
  state::ScheduleStore* store = nullptr;  ///< for approvals; outlives the registry
};

/// Registers the task types that need no module of their own: shell, python, http, wait and, with a store, approval.
void RegisterGeneralTasks(TaskRegistry& registry, const GeneralTaskOptions& options);

}  // namespace smelt::pipeline
