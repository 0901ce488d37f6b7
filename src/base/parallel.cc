#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/log.h"

namespace smelt {
namespace {

/// The processors but for that of the thread that made this. Linux may start a thread where the one runs that made it,
/// although others are idle, and let the two take turns of several milliseconds (docs/decisions/0029).
class OtherProcessors {
 public:
  OtherProcessors() : maker_(sched_getcpu()) {
    if (maker_ < 0 || maker_ >= CPU_SETSIZE || sched_getaffinity(0, sizeof(all_), &all_) != 0) return;
    others_ = all_;
    CPU_CLR(maker_, &others_);
    are_there_ = CPU_COUNT(&others_) > 0;
  }

  /// Moves a thread to one of them; later it may run on all. At worst it stays where it is.
  void Take(pthread_t thread) const {
    if (!are_there_ || pthread_setaffinity_np(thread, sizeof(others_), &others_) != 0) return;
    pthread_setaffinity_np(thread, sizeof(all_), &all_);
  }
  /// The same for the thread that calls, which may have begun in place of its maker.
  void TakeMe() const {
    if (sched_getcpu() == maker_) Take(pthread_self());
  }

 private:
  int maker_;
  cpu_set_t all_ = {}, others_ = {};
  bool are_there_ = false;
};

}  // namespace

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
  const std::size_t thread_count = std::min(count, threads_max);
  if (thread_count <= 1) {
    run();
  } else {
    const OtherProcessors others;
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < thread_count; ++i) {
      threads.emplace_back([&run, &others, fields = LogScope::Current()] {
        others.TakeMe();
        const LogScope scope(fields);
        run();
      });
      others.Take(threads.back().native_handle());
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
