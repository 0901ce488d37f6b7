#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "pipeline/task.h"
#include "state/records.h"

namespace smelt::pipeline {

/// How one task of a run ended.
struct TaskReport {
  std::string name{};
  std::string type{};
  state::TaskStatus status = state::TaskStatus::kSkipped;
  int attempts = 0;               ///< 0: it was not run
  double seconds = 0;             ///< of the last attempt
  TaskOutcome outcome{};          ///< of a failed task: the steps that were finished
  std::optional<Error> error{};   ///< why it failed
  std::string skipped_because{};  ///< why it was not run
  std::string reused_from{};      ///< the earlier run that did the work, when this one resumed it
  std::string item_of{};          ///< the task for one of whose items it was done, or empty
  Json item{};                    ///< that item

  /// Whether it only looked, and found that nothing had changed. A task without steps, a command say, did its work.
  bool idle() const;
};

/// A task, or with an empty name the run, that had not ended by the time of its SLA.
struct SlaMiss {
  std::string task{};
  std::int64_t due_us = 0;
};

/// How a run ended.
struct RunReport {
  std::string run_id{};
  std::string pipeline{};
  state::RunStatus status = state::RunStatus::kSucceeded;
  std::int64_t started_us = 0;
  double seconds = 0;
  std::vector<TaskReport> tasks{};  ///< in the order of the definition; behind them those done for items
  std::vector<SlaMiss> sla_misses{};
  std::string resumed_from{};           ///< the run that this one went on with, or empty
  std::optional<Error> error{};         ///< why it did not succeed: the first failure, or kCancelled when interrupted
  std::optional<Error> record_error{};  ///< the state store failed meanwhile: the run went on, its history has gaps

  /// Whether everything was up to date: all tasks succeeded, and none committed anything or did other work.
  bool nothing_to_do() const;
  /// 0, 130 when interrupted, else the exit code of `error`.
  int exit_code() const;
};

/// The JSON forms that `--json`, the log and the state store share.
Json ToJson(const StepResult& step);
Json ToJson(const TaskOutcome& outcome);
Json ToJson(const TaskReport& task);
Json ToJson(const RunReport& report);
Json ToJson(const Error& error);

/// Reads ToJson(TaskOutcome) back; whatever is absent or of another type keeps its default.
TaskOutcome OutcomeFromJson(const Json& json);

}  // namespace smelt::pipeline
