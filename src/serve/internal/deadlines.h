#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace smelt::serve::internal {

/// Calls functions when their time is up, on a thread of its own. Thread-safe.
class Deadlines {
 public:
  using Clock = std::chrono::steady_clock;
  using Id = std::pair<Clock::time_point, std::uint64_t>;

  Deadlines() : thread_([this](const std::stop_token& stop) { Run(stop); }) {}

  /// `expire` must not block, nor call this object.
  Id Set(std::int64_t after_ms, std::function<void()> expire);
  /// Afterwards it is not called any more, nor is it at work.
  void Cancel(const Id& id);

 private:
  void Run(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<Id, std::function<void()>> waiting_;
  std::uint64_t next_ = 0;
  std::jthread thread_;
};

}  // namespace smelt::serve::internal
