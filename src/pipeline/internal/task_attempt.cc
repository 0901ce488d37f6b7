#include "pipeline/internal/task_attempt.h"

#include <fmt/format.h>

#include <exception>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/log.h"

namespace smelt::pipeline::internal {
namespace {

/// No exception of a task may end the program: it becomes the task's error.
Result<TaskOutcome> Call(const TaskFunction& function, const TaskContext& context) {
  try {
    return function(context);
  } catch (const std::exception& exception) {
    return Fail(ErrorCode::kInternal, fmt::format("the task '{}' threw: {}", context.task, exception.what()));
  } catch (...) {
    return Fail(ErrorCode::kInternal, fmt::format("the task '{}' threw something unknown", context.task));
  }
}

}  // namespace

void StepRecorder::StepStarted(std::string_view name, std::string_view kind) {
  next_.StepStarted(name, kind);
}

void StepRecorder::StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) {
  next_.StepProgress(name, done, total, unit);
}

void StepRecorder::StepFinished(const StepResult& result) {
  {
    const std::lock_guard guard(mutex_);
    steps_.push_back(result);
  }
  next_.StepFinished(result);
}

std::vector<StepResult> StepRecorder::Take() {
  const std::lock_guard guard(mutex_);
  return std::exchange(steps_, {});
}

TaskAttempt::TaskAttempt(const TaskFunction& function, TaskContext context, const std::function<void()>& ended)
    : recorder_(context.observer) {
  const std::string name = context.task;
  const TaskContext own{.run_id = std::move(context.run_id),
                        .task = std::move(context.task),
                        .attempt = context.attempt,
                        .with = std::move(context.with),
                        .vars = context.vars,
                        .observer = recorder_,
                        .stop = stop_.get_token(),
                        .scheduled_us = context.scheduled_us,
                        .item = std::move(context.item),
                        .origin = std::move(context.origin)};
  try {
    thread_ = std::jthread([this, &function, own, ended] {
      const LogScope scope({{"run_id", own.run_id}, {"task", own.task}, {"attempt", own.attempt}});
      Work(function, own);
      ended();
    });
  } catch (const std::system_error& error) {
    result_.error =
        Error(ErrorCode::kInternal, fmt::format("cannot start a thread for the task '{}': {}", name, error.what()))
            .Hint("raise the limit on processes and threads (ulimit -u)");
    ended();
  }
}

void TaskAttempt::Work(const TaskFunction& function, const TaskContext& context) {
  const double began = MonotonicSeconds();
  Result<TaskOutcome> outcome = Call(function, context);
  result_.seconds = MonotonicSeconds() - began;
  if (outcome) {
    result_.outcome = std::move(*outcome);
  } else {
    result_.error = std::move(outcome).error();
  }
  if (result_.outcome.steps.empty()) result_.outcome.steps = recorder_.Take();
}

AttemptResult TaskAttempt::Take() {
  if (thread_.joinable()) thread_.join();
  return std::move(result_);
}

}  // namespace smelt::pipeline::internal
