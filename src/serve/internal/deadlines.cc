#include "serve/internal/deadlines.h"

namespace smelt::serve::internal {

Deadlines::Id Deadlines::Set(std::int64_t after_ms, std::function<void()> expire) {
  const std::lock_guard guard(mutex_);
  const Id id(Clock::now() + std::chrono::milliseconds(after_ms), next_++);
  waiting_.emplace(id, std::move(expire));
  changed_.notify_one();
  return id;
}

void Deadlines::Cancel(const Id& id) {
  const std::lock_guard guard(mutex_);
  waiting_.erase(id);
}

void Deadlines::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (waiting_.empty()) {
      changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
      continue;
    }
    const auto first = waiting_.begin();
    const Clock::time_point due = first->first.first;
    if (Clock::now() < due) {
      changed_.wait_until(lock, stop, due,
                          [this, due] { return waiting_.empty() || waiting_.begin()->first.first < due; });
      continue;
    }
    // Under the lock, so that Cancel waits for it.
    first->second();
    waiting_.erase(first);
  }
}

}  // namespace smelt::serve::internal
