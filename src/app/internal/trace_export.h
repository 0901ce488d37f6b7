#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "app/internal/run_recorder.h"
#include "observe/traces.h"

namespace smelt::app {

/// Makes spans of a run, its tasks and their steps, and sends them when the run has ended.
class TraceExport : public RunListener {
 public:
  explicit TraceExport(observe::TraceTarget target) : target_(std::move(target)) {}

  void OnRunStarted(const std::string& run_id, const pipeline::Pipeline& pipeline, std::int64_t at_us) override;
  void OnTaskStarted(const std::string&, const std::string&, int, std::int64_t) override {}
  void OnTaskFinished(const TimedTask& task) override;
  void OnRunFinished(const pipeline::RunReport& report, std::int64_t at_us) override;

  /// Sends what was collected. Errors: those of observe::SendTraces.
  Status Send(std::stop_token stop) const;

 private:
  observe::Span SpanOf(const std::string& path, const std::string& parent) const;

  const observe::TraceTarget target_;
  std::string run_id_;
  std::int64_t started_us_ = 0;
  std::vector<observe::Span> spans_;
};

}  // namespace smelt::app
