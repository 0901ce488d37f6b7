#include "serve/internal/work_pool.h"

#include <cstdint>

#include "base/clock.h"
#include "base/retry.h"

namespace smelt::serve::internal {
namespace {

constexpr double kShortSeconds = WorkPool::kShortMs * 1e-3;
/// How often the watcher looks while tasks wait, and how many looks at nothing let it rest.
constexpr std::int64_t kLookMs = 1;
constexpr int kLooksMax = 100;

}  // namespace

WorkPool::WorkPool(std::size_t threads_max, std::size_t at_once) : threads_max_(threads_max), at_once_(at_once) {
  resting_.reserve(threads_max);
  try {
    std::lock_guard guard(lock_);
    resting_.push_back(&MakeWorker());
    watcher_ = std::jthread([this] { Watch(); });
  } catch (const std::exception&) {
    Join();
    throw;
  }
}

void WorkPool::Submit(Task task) {
  std::lock_guard guard(lock_);
  waiting_.push_back(std::move(task));
  Dispatch();
  if (!waiting_.empty() && !watches_) watch_.notify_one();
}

void WorkPool::Join() {
  {
    std::lock_guard guard(lock_);
    ending_ = true;
    watch_.notify_one();
  }
  // The watcher ends when nothing waits any more, for it gives tasks to threads.
  if (watcher_.joinable()) watcher_.join();
  {
    std::lock_guard guard(lock_);
    ended_ = true;
    for (Worker& worker : workers_) worker.wake.notify_one();
  }
  for (Worker& worker : workers_) {
    if (worker.thread.joinable()) worker.thread.join();
  }
}

void WorkPool::Dispatch() {
  while (MayRun()) {
    Worker* const worker = FindWorker();
    if (worker == nullptr) return;
    Give(*worker);
    worker->wake.notify_one();
  }
}

WorkPool::Worker& WorkPool::MakeWorker() {
  Worker& worker = workers_.emplace_back();
  try {
    worker.thread = std::jthread([this, &worker] { Work(worker); });
  } catch (const std::exception&) {
    workers_.pop_back();
    throw;
  }
  return worker;
}

WorkPool::Worker* WorkPool::FindWorker() {
  if (!resting_.empty()) {
    Worker* const worker = resting_.back();
    resting_.pop_back();
    return worker;
  }
  if (workers_.size() >= threads_max_) return nullptr;
  try {
    return &MakeWorker();
  } catch (const std::exception&) {
    return nullptr;  // the system has no more threads, or no memory for one: those that there are do the work
  }
}

void WorkPool::Give(Worker& worker) {
  worker.task = std::move(waiting_.front());
  waiting_.pop_front();
  worker.began = MonotonicSeconds();
  worker.counts = true;
  ++short_;
}

void WorkPool::Uncount(Worker& worker) {
  if (std::exchange(worker.counts, false)) --short_;
}

void WorkPool::Work(Worker& worker) {
  std::unique_lock lock(lock_);
  while (true) {
    worker.wake.wait(lock, [&] { return worker.task || ended_; });
    if (!worker.task) return;
    do {
      lock.unlock();
      worker.task();
      worker.task = nullptr;  // what it holds is let go before others are served
      lock.lock();
      Uncount(worker);
      if (MayRun()) Give(worker);
    } while (worker.task);
    resting_.push_back(&worker);
  }
}

void WorkPool::Watch() {
  std::unique_lock lock(lock_);
  while (true) {
    watches_ = false;
    watch_.wait(lock, [&] { return !waiting_.empty() || ending_; });
    watches_ = true;
    for (int looks = 0; looks < kLooksMax && !(ending_ && waiting_.empty());) {
      lock.unlock();
      SleepFor(kLookMs, {});
      lock.lock();
      looks = waiting_.empty() ? looks + 1 : 0;
      const double before = MonotonicSeconds() - kShortSeconds;
      for (Worker& worker : workers_) {
        if (worker.counts && worker.began < before) Uncount(worker);
      }
      Dispatch();
    }
    if (ending_ && waiting_.empty()) return;
  }
}

}  // namespace smelt::serve::internal
