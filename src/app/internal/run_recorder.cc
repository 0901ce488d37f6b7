#include "app/internal/run_recorder.h"

#include <utility>

#include "base/clock.h"

namespace smelt::app {

/// The steps of one task on their way to the next observer's.
class RunRecorder::TaskSteps : public RunObserver {
 public:
  TaskSteps(RunRecorder& recorder, std::string task, RunObserver& next)
      : recorder_(recorder), task_(std::move(task)), next_(next) {}

  void StepStarted(std::string_view name, std::string_view kind) override {
    {
      const std::lock_guard guard(recorder_.mutex_);
      recorder_.times_[task_].steps_started_us[std::string(name)] = NowMicros();
    }
    next_.StepStarted(name, kind);
  }
  void StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) override {
    next_.StepProgress(name, done, total, unit);
  }
  void StepFinished(const StepResult& result) override {
    {
      const std::lock_guard guard(recorder_.mutex_);
      TaskTimes& times = recorder_.times_[task_];
      const std::int64_t now_us = NowMicros();
      const auto started = times.steps_started_us.find(result.name);
      const std::int64_t started_us = started == times.steps_started_us.end() ? now_us : started->second;
      times.steps.push_back({.result = result, .started_us = started_us, .finished_us = now_us});
    }
    next_.StepFinished(result);
  }

 private:
  RunRecorder& recorder_;
  const std::string task_;
  RunObserver& next_;
};

RunRecorder::RunRecorder(pipeline::PipelineObserver& next, std::vector<RunListener*> listeners)
    : next_(next), listeners_(std::move(listeners)) {}
RunRecorder::~RunRecorder() = default;

void RunRecorder::RunStarted(std::string_view run_id, const pipeline::Pipeline& pipeline,
                             std::string_view resumed_from) {
  {
    const std::lock_guard guard(mutex_);
    for (RunListener* listener : listeners_) listener->OnRunStarted(std::string(run_id), pipeline, NowMicros());
  }
  next_.RunStarted(run_id, pipeline, resumed_from);
}

void RunRecorder::TaskStarted(std::string_view task, std::string_view type, int attempt) {
  {
    const std::lock_guard guard(mutex_);
    // What an earlier attempt did counts no more.
    TaskTimes& times = times_[std::string(task)];
    times = {};
    times.started_us = NowMicros();
    for (RunListener* listener : listeners_) {
      listener->OnTaskStarted(std::string(task), std::string(type), attempt, times.started_us);
    }
  }
  next_.TaskStarted(task, type, attempt);
}

void RunRecorder::TaskRetrying(std::string_view task, int next_attempt, std::int64_t delay_ms, const Error& error) {
  next_.TaskRetrying(task, next_attempt, delay_ms, error);
}

void RunRecorder::TaskFinished(const pipeline::TaskReport& report) {
  {
    const std::lock_guard guard(mutex_);
    TaskTimes& times = times_[report.name];
    TimedTask task{.report = report, .started_us = times.started_us};
    task.finished_us = times.started_us == 0 ? 0 : NowMicros();
    task.steps = std::move(times.steps);
    for (RunListener* listener : listeners_) listener->OnTaskFinished(task);
  }
  next_.TaskFinished(report);
}

void RunRecorder::RunFinished(const pipeline::RunReport& report) {
  {
    const std::lock_guard guard(mutex_);
    for (RunListener* listener : listeners_) listener->OnRunFinished(report, NowMicros());
  }
  next_.RunFinished(report);
}

RunObserver& RunRecorder::StepsOf(std::string_view task) {
  RunObserver& next = next_.StepsOf(task);
  const std::lock_guard guard(mutex_);
  std::unique_ptr<TaskSteps>& steps = steps_of_[std::string(task)];
  if (steps == nullptr) steps = std::make_unique<TaskSteps>(*this, std::string(task), next);
  return *steps;
}

void RunRecorder::StepStarted(std::string_view name, std::string_view kind) {
  next_.StepStarted(name, kind);
}

void RunRecorder::StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) {
  next_.StepProgress(name, done, total, unit);
}

void RunRecorder::StepFinished(const StepResult& result) {
  next_.StepFinished(result);
}

}  // namespace smelt::app
