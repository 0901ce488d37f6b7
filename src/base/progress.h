#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/usage.h"

namespace smelt {

enum class StepStatus {
  kDone,     ///< did its work
  kNothing,  ///< found nothing to do; committed nothing
  kWarned,   ///< did its work; a check of severity "warn" failed
  kFailed,   ///< failed; its own output is as it was before
  kSkipped,  ///< not run, because something it needs failed
};

/// "done", "nothing", "warned", "failed", "skipped".
std::string_view StepStatusText(StepStatus status);

/// What one step of a run did: loading one table, building one model, validating one suite.
/// Counts are -1 when they do not apply.
struct StepResult {
  std::string name;  ///< "bronze.orders", "silver.customers", "suite orders_silver"
  std::string kind;  ///< "ingest", "model", "snapshot", "seed", "test", "suite" …
  StepStatus status = StepStatus::kDone;
  std::int64_t rows_in = -1;
  std::int64_t rows_out = -1;
  std::int64_t rows_quarantined = -1;
  double seconds = 0;
  Usage usage{};                  ///< of the engine, where it worked for this step alone
  std::string message;            ///< the error text or verdict in a line, empty when there is nothing to say
  Json details = Json::object();  ///< machine-readable extras: version committed, files read, failed expectations …
};

/// Watches a run. Implementations are thread-safe: steps run side by side.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void StepStarted(std::string_view name, std::string_view kind) = 0;
  /// How far a running step is; `total` 0 means unknown. `unit` is "bytes" or "rows".
  virtual void StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) = 0;
  virtual void StepFinished(const StepResult& result) = 0;
};

}  // namespace smelt
