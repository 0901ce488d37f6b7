#include "base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
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
