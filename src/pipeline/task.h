#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "base/json.h"
#include "base/progress.h"
#include "pipeline/definition.h"

namespace smelt::pipeline {

/// What a task function gets to see of the attempt it is.
struct TaskContext {
  std::string run_id;
  std::string task;
  int attempt = 1;                ///< from 1
  ConfigNode with;                ///< the task's settings, checked against its TaskType
  const Json& vars;               ///< the variables of this run
  RunObserver& observer;          ///< where its steps report
  std::stop_token stop;           ///< requested when the run is interrupted or the task's time is up
  std::int64_t scheduled_us = 0;  ///< the instant at which the run was due; 0 when none was
  Json item{};                    ///< what the task is done for this time; null when for nothing in particular
  /// The first of the runs that this one goes on with, or itself: the same for all tries at the same work.
  std::string origin{};
};

/// What a task did. Counts left at -1 become the sums over its steps; they stay -1 where they apply to none.
struct TaskOutcome {
  StepStatus status = StepStatus::kDone;  ///< kFailed: it ran, and the data failed a check; never tried again
  std::int64_t rows_in = -1;
  std::int64_t rows_out = -1;
  std::int64_t rows_quarantined = -1;
  std::int64_t commits = 0;         ///< commits made to tables; a run without any found nothing to do
  Usage usage{};                    ///< beside that of the steps
  std::vector<StepResult> steps{};  ///< left empty, the steps that the observer saw are taken
  Json details = Json::object();
};

/// The work of one task type. Called on a thread of its own, several at a time, once per attempt; it must be
/// idempotent and return soon after `context.stop` is requested. An Error is a failure to do the work, which is tried
/// again when it may pass; data that failed a check is an outcome with status kFailed.
using TaskFunction = std::function<Result<TaskOutcome>(const TaskContext& context)>;

enum class SettingKind { kText, kTextList, kInteger, kBoolean, kDuration, kMap };

/// One key of a task's `with`.
struct TaskSetting {
  std::string name{};
  SettingKind kind = SettingKind::kText;
  std::string summary{};
  bool required = false;
  std::vector<std::string> choices = {};  ///< for kText: the only values allowed; empty: any
};

/// A kind of task that pipelines may name: its description for documentation and checking, and the work itself.
struct TaskType {
  std::string name{};
  std::string summary{};
  std::vector<TaskSetting> settings{};
  TaskFunction run{};
};

/// The task types that a program offers; filled once at start-up by the application, then only read. Not thread-safe
/// while it is filled.
class TaskRegistry {
 public:
  /// Adds a type; its name must be new.
  void Add(TaskType type);
  /// The type, or null.
  const TaskType* Find(std::string_view name) const;
  /// All types in the order in which they were added.
  const std::vector<TaskType>& types() const { return types_; }

  /// Checks the type and settings of every task, before anything runs.
  /// Errors, with file, line and the nearest known name: kPipelineTaskType, kConfigKeyUnknown, kConfigKeyMissing,
  /// kConfigValueInvalid.
  Status Check(const Pipeline& pipeline) const;

 private:
  std::vector<TaskType> types_;
};

}  // namespace smelt::pipeline
