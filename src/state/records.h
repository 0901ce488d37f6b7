#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace smelt::state {

/// How a run stands. Written as text, so that the database reads well in any SQLite client.
enum class RunStatus {
  kQueued,       ///< recorded, and not begun
  kRunning,      ///< at work in a living process
  kSucceeded,    ///< every task did its work or found nothing to do
  kFailed,       ///< a task failed
  kInterrupted,  ///< stopped on request; may be resumed
  kDied,         ///< its process ended without a word; may be resumed
  kCancelled,    ///< somebody wanted it to end; resumed by hand only
};

/// How one attempt at a task stands.
enum class TaskStatus {
  kRunning,
  kDone,         ///< did its work
  kNothing,      ///< found nothing to do
  kWarned,       ///< did its work; a check of severity "warn" failed
  kFailed,       ///< failed; its own output is as it was before
  kSkipped,      ///< not run, because something it needs failed
  kInterrupted,  ///< stopped on request
  kDied,         ///< its process ended without a word
};

/// "queued", "running", "succeeded", "failed", "interrupted", "died", "cancelled".
std::string_view RunStatusText(RunStatus status);
/// "running", "done", "nothing", "warned", "failed", "skipped", "interrupted", "died".
std::string_view TaskStatusText(TaskStatus status);

/// Reads the texts above. Errors: kStateDamaged for any other word.
Result<RunStatus> ParseRunStatus(std::string_view text);
Result<TaskStatus> ParseTaskStatus(std::string_view text);

/// Whether a task in this state counts as fulfilled for those that need it.
constexpr bool Succeeded(TaskStatus status) {
  return status == TaskStatus::kDone || status == TaskStatus::kNothing || status == TaskStatus::kWarned;
}

/// Whether a run in this state is over; one that died is.
constexpr bool HasEnded(RunStatus status) {
  return status != RunStatus::kQueued && status != RunStatus::kRunning;
}

/// One run of a pipeline.
struct RunRecord {
  std::string id;
  std::string pipeline;
  std::string project;
  RunStatus status = RunStatus::kRunning;
  std::int64_t started_us = 0;
  std::int64_t finished_us = 0;  ///< 0 while it runs
  std::string triggered_by;      ///< "manual", "schedule", "event", "backfill", "request", "http"
  Json parameters = Json::object();
  std::string error;         ///< the reason in a line or two when it did not succeed
  std::string resumed_from;  ///< the run whose finished tasks this one did not repeat, or empty
  std::string host;
  std::int64_t pid = 0;
  std::int64_t scheduled_us = 0;  ///< the instant at which it was due; 0 when no schedule asked for it
  std::string definition;         ///< the hash of the definition that it keeps to its end, or empty
  std::string parent;             ///< "run/task" for which it was run, as part of another run, or empty
};

/// One attempt at one task of a run.
struct TaskRecord {
  std::string run_id;
  std::string name;
  std::string type;
  int attempt = 1;
  TaskStatus status = TaskStatus::kRunning;
  std::int64_t started_us = 0;
  std::int64_t finished_us = 0;   ///< 0 while it runs
  Json outcome = Json::object();  ///< what it did: rows, steps, details
  std::string error;              ///< why it failed or was skipped
  std::string fingerprint;        ///< hash of the task's definition; a resumed run repeats a task that was edited
  std::string reused_from;        ///< the run that did the work, when a resumed run did not repeat it
};

/// A task, or with an empty name the run, that had not ended when it should have.
struct SlaRecord {
  std::string run_id;
  std::string task;
  std::int64_t due_us = 0;
  std::int64_t noticed_us = 0;
};

}  // namespace smelt::state
