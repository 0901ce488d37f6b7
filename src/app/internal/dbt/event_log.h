#pragma once

#include <cstdint>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>

#include "app/internal/dbt/run_summary.h"
#include "base/error.h"
#include "base/json.h"
#include "base/progress.h"

namespace smelt::app {

/// How events are written, and which.
struct EventLogStyle {
  bool as_json = true;          ///< an object per line; else "12:00:00.123456 [info ] [MainThread]: …"
  std::string lowest = "info";  ///< "debug", "info", "warn", "error"
};

/// What a run does as the events of dbt, one per line. `out` must outlive it. Thread-safe.
class DbtEventLog : public RunObserver {
 public:
  DbtEventLog(std::ostream& out, EventLogStyle style, std::string invocation_id)
      : out_(out), style_(std::move(style)), invocation_id_(std::move(invocation_id)) {}

  void RunStarted(int threads, std::string_view target);
  void Warned(std::string_view text);
  void Printed(std::string_view text);
  void Failed(const Error& error);
  void RunFinished(const NodeCounts& counts, double seconds);

  void StepStarted(std::string_view name, std::string_view kind) override;
  void StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) override;
  void StepFinished(const StepResult& result) override;

 private:
  void Write(std::string_view name, std::string_view code, std::string_view level, const std::string& message,
             const Json& data);

  std::ostream& out_;
  const EventLogStyle style_;
  const std::string invocation_id_;
  std::mutex lock_;
};

}  // namespace smelt::app
