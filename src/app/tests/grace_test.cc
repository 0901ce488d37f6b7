#include "app/internal/serving/grace.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <stop_token>

namespace smelt::app {
namespace {

/// Returns when `stop` is requested.
void Await(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait(lock, stop, [&stop] { return stop.stop_requested(); });
}

TEST(GraceTest, IsOverWhenItsTimeHasPassed) {
  std::stop_source stop;
  const Grace grace(stop.get_token(), {}, 1);
  EXPECT_FALSE(grace.ending().over.stop_requested());
  stop.request_stop();
  Await(grace.ending().over);
}

TEST(GraceTest, IsOverAtOnceWhenThatIsAskedFor) {
  std::stop_source stop;
  std::stop_source at_once;
  const Grace grace(stop.get_token(), at_once.get_token(), std::numeric_limits<std::int64_t>::max());
  stop.request_stop();
  EXPECT_FALSE(grace.ending().over.stop_requested());
  at_once.request_stop();
  Await(grace.ending().over);
}

TEST(GraceTest, ThatWasNeverNeededEndsWithoutAWord) {
  std::stop_source stop;
  std::stop_token over;
  {
    const Grace grace(stop.get_token(), {}, 0);
    over = grace.ending().over;
  }
  EXPECT_FALSE(over.stop_requested());
}

TEST(GraceTest, WhatIsToBeDoneAtAStopIsDoneOnce) {
  std::stop_source stop;
  std::atomic<int> times = 0;
  {
    const AtStop at_stop(stop.get_token(), [&times] { ++times; });
    stop.request_stop();
  }
  EXPECT_EQ(times, 1);
  {
    const AtStop at_end({}, [&times] { ++times; });
  }
  EXPECT_EQ(times, 2);
}

}  // namespace
}  // namespace smelt::app
