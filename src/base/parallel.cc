#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/log.h"

namespace smelt {

std::size_t ProcessorCount() {
  static const std::size_t kCount = std::max(1U, std::jthread::hardware_concurrency());
  return kCount;
}

Status ForEachParallel(std::size_t count, std::size_t threads_max, const std::function<Status(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex lock;
  std::optional<Error> error;
  std::size_t error_of = 0;
  const auto run = [&] {
    for (std::size_t i = next++; i < count && !failed; i = next++) {
      const Status status = work(i);
      if (status) continue;
      failed = true;
      const std::lock_guard guard(lock);
      // Calls begin in their order, so whichever fails first in it has begun.
      if (error && error_of < i) continue;
      error = status.error();
      error_of = i;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < std::min(count, threads_max); ++i) {
      threads.emplace_back([&run, fields = LogScope::Current()] {
        const LogScope scope(fields);
        run();
      });
    }
    run();
  }
  if (error) return Fail(*std::move(error));
  return {};
}

Status RunBoth(const std::function<Status()>& first, const std::function<Status()>& second) {
  return ForEachParallel(2, 2, [&](std::size_t i) { return i == 0 ? first() : second(); });
}

}  // namespace smelt
