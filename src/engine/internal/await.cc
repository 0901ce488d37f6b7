#include "engine/internal/await.h"

#include <cstdint>
#include <thread>

#include "base/retry.h"

namespace smelt::engine {
namespace {

/// While its query waits for other threads, a session first offers its core to them, then sleeps: a task takes about a
/// millisecond.
constexpr int kIdleRoundsMax = 50;
constexpr std::int64_t kIdlePauseMs = 1;

}  // namespace

duckdb::unique_ptr<duckdb::QueryResult> Await(duckdb::PendingQueryResult& pending) {
  using duckdb::PendingExecutionResult;
  int idle_rounds = 0;
  while (!pending.HasError()) {
    PendingExecutionResult state = pending.ExecuteTask();
    if (state == PendingExecutionResult::EXECUTION_ERROR) break;
    if (duckdb::PendingQueryResult::IsResultReady(state)) return pending.Execute();
    bool idle = state == PendingExecutionResult::NO_TASKS_AVAILABLE || state == PendingExecutionResult::BLOCKED;
    idle_rounds = idle ? idle_rounds + 1 : 0;
    if (idle_rounds > kIdleRoundsMax) {
      SleepFor(kIdlePauseMs, {});
    } else if (idle) {
      std::this_thread::yield();
    }
  }
  return duckdb::make_uniq<duckdb::MaterializedQueryResult>(pending.GetErrorObject());
}

duckdb::unique_ptr<duckdb::MaterializedQueryResult> AwaitQuery(duckdb::Connection& connection, const std::string& sql) {
  auto pending = connection.PendingQuery(sql);
  return duckdb::unique_ptr_cast<duckdb::QueryResult, duckdb::MaterializedQueryResult>(Await(*pending));
}

}  // namespace smelt::engine
