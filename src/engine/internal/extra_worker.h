#pragma once

#include <atomic>
#include <thread>

#include "engine/internal/duck.h"

namespace smelt::engine {

/// One more thread for DuckDB's tasks, for as long as this lives. A statement that runs within another has the thread
/// of the other's task, while the thread that waits for the other has nothing to do: this one takes its place. Where
/// DuckDB works with one thread, it does nothing. Confined to one thread.
class ExtraWorker {
 public:
  explicit ExtraWorker(duckdb::DatabaseInstance& db);
  ExtraWorker(const ExtraWorker&) = delete;
  ExtraWorker& operator=(const ExtraWorker&) = delete;
  /// Waits for the task that it is at.
  ~ExtraWorker();

 private:
  duckdb::TaskScheduler& scheduler_;
  duckdb::atomic<bool> goes_on_ = true;
  std::atomic<bool> is_done_ = false;
  std::jthread thread_;
};

}  // namespace smelt::engine
