#include "engine/internal/extra_worker.h"

#include <duckdb/parallel/task_scheduler.hpp>

#include "base/retry.h"

namespace smelt::engine {
namespace {

constexpr std::int64_t kWakePauseMs = 1;

}  // namespace

ExtraWorker::ExtraWorker(duckdb::DatabaseInstance& db) : scheduler_(duckdb::TaskScheduler::GetScheduler(db)) {
  if (scheduler_.NumberOfThreads() < 2) return;
  thread_ = std::jthread([this] {
    scheduler_.ExecuteForever(&goes_on_);
    is_done_ = true;
  });
}

ExtraWorker::~ExtraWorker() {
  if (!thread_.joinable()) return;
  goes_on_ = false;
  // It may sleep until it is told of a task, and others may hear of that first.
  while (!is_done_) {
    scheduler_.Signal(1);
    SleepFor(kWakePauseMs, {});
  }
}

}  // namespace smelt::engine
