#pragma once

#include <fstream>
#include <memory>
#include <string>

#include "app/internal/dbt/event_log.h"
#include "app/internal/dbt/invocation.h"

namespace smelt::app {

/// dbt.log: what a run does, appended to the file as --log-path, --log-format-file, --log-level-file and
/// --log-file-max-bytes say. Thread-safe.
class DbtLogFile {
 public:
  /// Nothing for --log-level-file none, for projects of smelt's own that do not ask for it, and where the file cannot
  /// be written, which is said on standard error.
  static std::unique_ptr<DbtLogFile> Open(const DbtInvocation& invocation);

  DbtEventLog& events() { return events_; }

 private:
  DbtLogFile(const std::string& path, const EventLogStyle& style, const std::string& invocation_id);

  std::ofstream file_;
  DbtEventLog events_;
};

/// Tells two observers. Thread-safe as they are.
class ObserverPair : public RunObserver {
 public:
  ObserverPair(RunObserver& first, RunObserver* second) : first_(first), second_(second) {}

  void StepStarted(std::string_view name, std::string_view kind) override;
  void StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) override;
  void StepFinished(const StepResult& result) override;

 private:
  RunObserver& first_;
  RunObserver* second_;  ///< may be null
};

}  // namespace smelt::app
