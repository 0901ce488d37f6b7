#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "app/internal/dbt/run_summary.h"
#include "base/json.h"
#include "base/progress.h"

namespace smelt::app {

/// What a run does as the events of dbt's --log-format json, one object per line on standard output. Thread-safe.
class DbtEventLog : public RunObserver {
 public:
  explicit DbtEventLog(std::string invocation_id) : invocation_id_(std::move(invocation_id)) {}

  void RunStarted(int threads, std::string_view target);
  void Printed(std::string_view text);
  void RunFinished(const NodeCounts& counts, double seconds);

  void StepStarted(std::string_view name, std::string_view kind) override;
  void StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) override;
  void StepFinished(const StepResult& result) override;

 private:
  void Write(std::string_view name, std::string_view code, std::string_view level, const std::string& message,
             const Json& data);

  const std::string invocation_id_;
  std::mutex lock_;
};

}  // namespace smelt::app
