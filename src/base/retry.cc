#include "base/retry.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <random>

namespace smelt {

std::int64_t RetryDelayMs(const RetryPolicy& policy, int attempt) {
  const double grown = static_cast<double>(policy.delay_ms) * std::pow(policy.multiplier, std::max(attempt - 2, 0));
  const auto delay = static_cast<std::int64_t>(std::min(grown, static_cast<double>(policy.delay_max_ms)));
  thread_local std::mt19937_64 random{std::random_device{}()};
  return std::uniform_int_distribution<std::int64_t>(delay / 2, delay)(random);
}

bool SleepFor(std::int64_t ms, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, std::chrono::milliseconds(ms), [] { return false; });
  return !stop.stop_requested();
}

}  // namespace smelt
