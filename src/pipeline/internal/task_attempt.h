#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/progress.h"
#include "pipeline/task.h"

namespace smelt::pipeline::internal {

/// Passes the steps of one attempt on and keeps the finished ones, so that a task which fails half-way still tells
/// what it did. Thread-safe.
class StepRecorder : public RunObserver {
 public:
  explicit StepRecorder(RunObserver& next) : next_(next) {}
  void StepStarted(std::string_view name, std::string_view kind) override;
  void StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) override;
  void StepFinished(const StepResult& result) override;
  std::vector<StepResult> Take();

 private:
  RunObserver& next_;
  std::mutex mutex_;
  std::vector<StepResult> steps_;
};

/// What came of an attempt.
struct AttemptResult {
  TaskOutcome outcome;         ///< with an error: only the steps that were finished
  std::optional<Error> error;  ///< why the task could not do its work
  double seconds = 0;
};

/// One attempt at a task, on a thread of its own. Confined to the thread that made it; the destructor waits for the
/// work.
class TaskAttempt {
 public:
  /// Starts the work. `ended` is called when it is over, as the last thing on the attempt's thread. The function and
  /// what the context refers to must outlive the attempt, which puts its own observer and stop token into it.
  TaskAttempt(const TaskFunction& function, TaskContext context, const std::function<void()>& ended);

  /// Asks the work to stop.
  void Stop() { stop_.request_stop(); }
  /// Asks the work to stop because its time is up.
  void Expire() {
    expired_ = true;
    Stop();
  }
  bool expired() const { return expired_; }

  /// Waits for the work to be over and takes its result.
  AttemptResult Take();

 private:
  void Work(const TaskFunction& function, const TaskContext& context);

  std::stop_source stop_;
  bool expired_ = false;
  StepRecorder recorder_;
  AttemptResult result_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace smelt::pipeline::internal
