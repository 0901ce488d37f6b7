#include "transform/internal/run/turns.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace smelt::transform {
namespace {

TEST(TurnsTest, SeveralRunTogether) {
  Turns turns;
  {
    const Turns::Turn one = turns.Together();
    EXPECT_FALSE(one.had_company());
    {
      const Turns::Turn other = turns.Together();
      EXPECT_TRUE(other.had_company());
    }
    EXPECT_TRUE(one.had_company());
  }
  EXPECT_FALSE(turns.Together().had_company());
  EXPECT_FALSE(turns.Alone().had_company());
}

TEST(TurnsTest, AloneNobodyElseRunsAndWhoWaitsForItIsNotPassedBy) {
  constexpr int kThreads = 4, kRounds = 500;
  Turns turns;
  std::atomic<int> together = 0, alone = 0, met = 0, rounds_alone = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        for (int round = 0; round < kRounds; ++round) {
          if (i == 0) {
            const Turns::Turn turn = turns.Alone();
            met += together + alone++;
            ++rounds_alone;
            --alone;
          } else {
            const Turns::Turn turn = turns.Together();
            ++together;
            met += alone;
            --together;
          }
        }
      });
    }
  }
  EXPECT_EQ(met, 0);
  EXPECT_EQ(rounds_alone, kRounds);
}

}  // namespace
}  // namespace smelt::transform
