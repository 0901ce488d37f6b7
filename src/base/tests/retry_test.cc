#include "base/retry.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace smelt {
namespace {

TEST(RetryDelay, GrowsToItsBoundWithJitter) {
  const RetryPolicy policy{.attempts_max = 9, .delay_ms = 100, .delay_max_ms = 1'000, .multiplier = 2.0};
  const std::int64_t ceilings[] = {100, 200, 400, 800, 1'000, 1'000};
  for (int i = 0; i < 6; ++i) {
    std::set<std::int64_t> drawn;
    for (int draw = 0; draw < 200; ++draw) {
      const std::int64_t delay = RetryDelayMs(policy, i + 2);
      ASSERT_GE(delay, ceilings[i] / 2);
      ASSERT_LE(delay, ceilings[i]);
      drawn.insert(delay);
    }
    EXPECT_GT(drawn.size(), 5u) << "no jitter before attempt " << i + 2;
  }
}

TEST(RetryDelay, HugeAttemptsStayAtTheBound) {
  EXPECT_LE(RetryDelayMs(RetryPolicy{}, 10'000), RetryPolicy{}.delay_max_ms);
}

TEST(SleepFor, EndsWhenStopped) {
  std::stop_source stop;
  EXPECT_TRUE(SleepFor(1, stop.get_token()));
  std::jthread stopper([&stop] { stop.request_stop(); });
  // Without the stop this would outlast every limit on a test's time.
  EXPECT_FALSE(SleepFor(3'600'000, stop.get_token()));
  EXPECT_FALSE(SleepFor(3'600'000, stop.get_token()));
}

}  // namespace
}  // namespace smelt
