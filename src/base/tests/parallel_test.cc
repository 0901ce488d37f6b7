#include "base/parallel.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <thread>
#include <vector>

namespace smelt {
namespace {

TEST(ForEachParallel, CallsEachIndexOnce) {
  for (const std::size_t threads : {std::size_t{1}, std::size_t{4}, std::size_t{1'000}}) {
    std::vector<std::atomic<int>> calls(100);
    const Status status = ForEachParallel(calls.size(), threads, [&](std::size_t i) -> Status {
      ++calls[i];
      return {};
    });
    ASSERT_TRUE(status);
    for (const auto& count : calls) EXPECT_EQ(count, 1);
  }
}

TEST(ForEachParallel, MayRunOnEveryProcessor) {
  cpu_set_t before, after;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  std::atomic<int> running = 0;
  std::atomic<int> confined = 0;
  ASSERT_TRUE(ForEachParallel(4, 4, [&](std::size_t) -> Status {
    ++running;
    while (running < 4) std::this_thread::yield();
    // The thread that made this one may be about to open it to all of them.
    for (int i = 0; i < 1'000'000; ++i) {
      cpu_set_t mine;
      if (sched_getaffinity(0, sizeof(mine), &mine) == 0 && CPU_EQUAL(&mine, &before)) return {};
      std::this_thread::yield();
    }
    ++confined;
    return {};
  }));
  EXPECT_EQ(confined, 0);
  ASSERT_EQ(sched_getaffinity(0, sizeof(after), &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST(ForEachParallel, DoesNothingForNothing) {
  EXPECT_TRUE(ForEachParallel(0, 8, [](std::size_t) { return Fail(ErrorCode::kInternal, "called"); }));
}

TEST(ForEachParallel, StopsAtTheFirstError) {
  std::atomic<int> calls = 0;
  const Status status = ForEachParallel(10'000, 4, [&](std::size_t i) -> Status {
    ++calls;
    if (i == 10) return Fail(ErrorCode::kStoreIo, "ten");
    return {};
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message(), "ten");
  EXPECT_LT(calls, 10'000);
}

}  // namespace
}  // namespace smelt
