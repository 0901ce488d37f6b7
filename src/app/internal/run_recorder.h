#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/run.h"

namespace smelt::app {

/// A step with the times between which it ran, in microseconds of the wall clock.
struct TimedStep {
  StepResult result = {};
  std::int64_t started_us = 0, finished_us = 0;
};

/// A task with its times, from the begin of its last attempt; 0 and 0: it was not run.
struct TimedTask {
  pipeline::TaskReport report = {};
  std::int64_t started_us = 0, finished_us = 0;
  std::vector<TimedStep> steps = {};
};

/// Takes what happens in a run, with times. Calls come one at a time, from any thread.
class RunListener {
 public:
  virtual ~RunListener() = default;
  virtual void OnRunStarted(const std::string& run_id, const pipeline::Pipeline& pipeline, std::int64_t at_us) = 0;
  virtual void OnTaskStarted(const std::string& task, const std::string& type, int attempt, std::int64_t at_us) = 0;
  virtual void OnTaskFinished(const TimedTask& task) = 0;
  virtual void OnRunFinished(const pipeline::RunReport& report, std::int64_t at_us) = 0;
};

/// Hands everything on to another observer, and keeps the times for listeners. All of them outlive it. Thread-safe.
class RunRecorder : public pipeline::PipelineObserver {
 public:
  RunRecorder(pipeline::PipelineObserver& next, std::vector<RunListener*> listeners);
  ~RunRecorder() override;

  void RunStarted(std::string_view run_id, const pipeline::Pipeline& pipeline, std::string_view resumed_from) override;
  void TaskStarted(std::string_view task, std::string_view type, int attempt) override;
  void TaskRetrying(std::string_view task, int next_attempt, std::int64_t delay_ms, const Error& error) override;
  void TaskFinished(const pipeline::TaskReport& report) override;
  void RunFinished(const pipeline::RunReport& report) override;
  void SlaMissed(std::string_view task, std::int64_t due_us) override { next_.SlaMissed(task, due_us); }
  RunObserver& StepsOf(std::string_view task) override;

  void StepStarted(std::string_view name, std::string_view kind) override;
  void StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) override;
  void StepFinished(const StepResult& result) override;

 private:
  class TaskSteps;
  struct TaskTimes {
    std::int64_t started_us = 0;
    std::map<std::string, std::int64_t> steps_started_us;
    std::vector<TimedStep> steps;
  };

  pipeline::PipelineObserver& next_;
  const std::vector<RunListener*> listeners_;
  std::mutex mutex_;
  std::map<std::string, TaskTimes, std::less<>> times_;
  std::map<std::string, std::unique_ptr<TaskSteps>, std::less<>> steps_of_;
};

}  // namespace smelt::app
