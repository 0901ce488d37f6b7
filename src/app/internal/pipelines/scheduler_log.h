#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "base/json.h"
#include "pipeline/scheduler.h"

namespace smelt::app {

/// Tells on standard output what a scheduler does, a line an event, and writes it to the log. Thread-safe.
class SchedulerLog : public pipeline::SchedulerObserver {
 public:
  explicit SchedulerLog(bool json) : json_(json) {}

  /// It takes calls by HTTP at this address.
  void Listening(std::string_view url);
  void Leading(std::size_t pipelines) override;
  void StandingBy(std::string_view holder) override;
  void DefinitionRefused(const Error& error) override;
  void RunQueued(const state::RunRecord& run) override;
  void RunStarted(const state::RunRecord& run) override;
  void RunEnded(const state::RunRecord& run, const Result<pipeline::RunReport>& report) override;
  void Trouble(const Error& error) override;

 private:
  void Tell(std::string_view event, const std::string& text, const Json& fields);

  const bool json_;
  std::mutex mutex_;
};

/// Lets a run of a scheduler go by unseen: its records and the log tell of it. Thread-safe.
class UnseenRun : public pipeline::PipelineObserver {
 public:
  void RunStarted(std::string_view, const pipeline::Pipeline&, std::string_view) override {}
  void TaskStarted(std::string_view, std::string_view, int) override {}
  void TaskRetrying(std::string_view, int, std::int64_t, const Error&) override {}
  void TaskFinished(const pipeline::TaskReport&) override {}
  void RunFinished(const pipeline::RunReport&) override {}
  void StepStarted(std::string_view, std::string_view) override {}
  void StepProgress(std::string_view, std::int64_t, std::int64_t, std::string_view) override {}
  void StepFinished(const StepResult&) override {}
};

}  // namespace smelt::app
