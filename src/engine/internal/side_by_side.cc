#include "engine/internal/side_by_side.h"

#include <duckdb/parallel/task_scheduler.hpp>

#include "base/parallel.h"
#include "engine/internal/error_bridge.h"

namespace smelt::engine {

void SideBySide(duckdb::ClientContext& context, std::size_t count, const std::function<void(std::size_t)>& work) {
  const auto threads = static_cast<std::size_t>(duckdb::TaskScheduler::GetScheduler(context).NumberOfThreads());
  Unwrap(ForEachParallel(count, threads, [&](std::size_t i) -> Status {
    try {
      if (context.interrupted) throw duckdb::InterruptException();
      work(i);
    } catch (const std::exception&) {
      return Fail(FromCurrentException());
    }
    return {};
  }));
}

}  // namespace smelt::engine
