#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/usage.h"
#include "state/store_address.h"

namespace smelt::state {

namespace internal {
class Database;
}

/// How many runs of a pipeline ended, or stand, in a status.
struct RunTotal {
  std::string pipeline = {};
  std::string status = {};  ///< as RunStatusText
  std::int64_t runs = 0;
};

/// All attempts at a task that ended, or stand, in a status.
struct TaskTotal {
  std::string pipeline = {};
  std::string task = {};
  std::string status = {};  ///< as TaskStatusText
  std::int64_t attempts = 0;
  std::int64_t repetitions = 0;  ///< attempts behind the first
  double seconds = 0;
};

/// Everything that a step did, over all runs.
struct StepTotal {
  std::string name = {};  ///< "bronze.orders"
  std::string kind = {};  ///< "ingest", "model" …
  std::int64_t times = 0;
  std::int64_t failures = 0;
  std::int64_t rows_in = 0, rows_out = 0, rows_quarantined = 0;
  double seconds = 0;
  double last_seconds = 0;  ///< of the newest time
};

/// What a step of a task took, or a task beside its steps, over several runs.
struct UsageTotal {
  std::string pipeline = {};
  std::string task = {};
  std::string step = {};  ///< empty: what the task took beside its steps
  std::string kind = {};  ///< of the step, "model", or the type of the task, "shell"
  std::int64_t times = 0;
  Usage usage = {};
};

/// Sums over all tasks, each list in the order of its first members, steps in that of kinds and names.
struct HistoryTotals {
  std::vector<TaskTotal> tasks = {};  ///< what a resumed run did not repeat counts once
  std::vector<StepTotal> steps = {};
  std::vector<UsageTotal> usage = {};
};

/// Sums over the history of runs that the state database holds. Each call reads one state of it. Thread-safe.
///
/// All methods return: kStateDamaged, kStateUnavailable.
class RunHistory {
 public:
  /// Opens the store as RunStore::Open does, with the same errors.
  static Result<std::unique_ptr<RunHistory>> Open(const StoreAddress& address, std::int64_t busy_timeout_ms = 5'000);
  ~RunHistory();

  /// In the order of pipelines and statuses.
  Result<std::vector<RunTotal>> Runs();
  /// Costs what the tasks cost that have ended since it was last asked: their sums are kept in the database.
  Result<HistoryTotals> Totals();
  /// Of task attempts that began at `since_us` or later, in the order of pipelines, tasks, steps and kinds.
  Result<std::vector<UsageTotal>> UsageSince(std::int64_t since_us);

 private:
  explicit RunHistory(std::unique_ptr<internal::Database> database);
  std::unique_ptr<internal::Database> database_;
};

}  // namespace smelt::state
