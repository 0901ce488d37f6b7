#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace smelt {

Status ForEachParallel(std::size_t count, std::size_t threads_max, const std::function<Status(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex lock;
  std::optional<Error> first_error;
  const auto run = [&] {
    for (std::size_t i = next++; i < count && !failed; i = next++) {
      const Status status = work(i);
      if (status) continue;
      failed = true;
      const std::lock_guard guard(lock);
      if (!first_error) first_error = status.error();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < std::min(count, threads_max); ++i) threads.emplace_back(run);
    run();
  }
  if (first_error) return Fail(*std::move(first_error));
  return {};
}

}  // namespace smelt
