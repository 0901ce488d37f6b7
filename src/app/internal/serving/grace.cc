#include "app/internal/serving/grace.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace smelt::app {

Grace::Grace(std::stop_token stop, std::stop_token at_once, std::int64_t ms)
    : stop_(std::move(stop)),
      at_once_(std::move(at_once)),
      ms_(ms),
      thread_([this](const std::stop_token& ended) { Work(ended); }) {}

void Grace::Work(const std::stop_token& ended) {
  std::mutex mutex;
  std::condition_variable_any changed;
  const auto wake = [&] {
    const std::lock_guard guard(mutex);
    changed.notify_all();
  };
  const std::stop_callback at_stop(stop_, wake);
  const std::stop_callback at_once(at_once_, wake);
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, ended, [this] { return stop_.stop_requested(); });
    // A year is as good as forever.
    constexpr std::chrono::hours kLongest(365 * 24);
    const auto time = std::min<std::chrono::milliseconds>(std::chrono::milliseconds(ms_), kLongest);
    changed.wait_for(lock, ended, time, [this] { return at_once_.stop_requested(); });
  }
  if (!ended.stop_requested()) over_.request_stop();
}

AtStop::AtStop(std::stop_token stop, std::function<void()> act)
    : thread_([stop = std::move(stop), act = std::move(act)](const std::stop_token& ended) {
        std::mutex mutex;
        std::condition_variable_any changed;
        {
          const std::stop_callback wake(stop, [&] {
            const std::lock_guard guard(mutex);
            changed.notify_all();
          });
          std::unique_lock lock(mutex);
          changed.wait(lock, ended, [&stop] { return stop.stop_requested(); });
        }
        act();
      }) {}

}  // namespace smelt::app
