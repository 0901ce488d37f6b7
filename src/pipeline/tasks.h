#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/task.h"
#include "state/schedule_store.h"

namespace smelt::pipeline {

/// What the general tasks work with.
struct GeneralTaskOptions {
  std::string project_dir{};  ///< where commands run and relative paths start
  std::string log_dir{};      ///< output of commands goes to <log_dir>/<run>/<task>.<attempt>.log; empty: nowhere
  state::ScheduleStore* store = nullptr;  ///< for approvals; outlives the registry
};

/// "512MiB", "2GB", "1000000": a number of bytes, at least 1. Nothing for any other text.
std::optional<std::int64_t> ParseByteCount(std::string_view text);

/// Registers the task types that need no module of their own: shell, python, http, wait and, with a store, approval.
void RegisterGeneralTasks(TaskRegistry& registry, const GeneralTaskOptions& options);

}  // namespace smelt::pipeline
