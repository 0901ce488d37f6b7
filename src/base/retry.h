#pragma once

#include <cstdint>
#include <stop_token>

#include "base/error.h"

namespace smelt {

/// How often and how patiently to try again. Delays grow by `multiplier` from `delay_ms` to `delay_max_ms`, each
/// drawn uniformly from [delay/2, delay] (jitter), so that competitors spread out.
struct RetryPolicy {
  int attempts_max = 3;  ///< including the first
  std::int64_t delay_ms = 200;
  std::int64_t delay_max_ms = 30'000;
  double multiplier = 2.0;
};

/// The pause before attempt `attempt` (2 is the first repetition), jitter included. Thread-safe.
std::int64_t RetryDelayMs(const RetryPolicy& policy, int attempt);

/// Sleeps up to `ms`, less when `stop` is requested. Returns false when stopped.
bool SleepFor(std::int64_t ms, std::stop_token stop);

}  // namespace smelt
