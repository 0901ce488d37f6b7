#include "pipeline/pools.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <utility>

#include "base/retry.h"
#include "state/tests/child_process.h"
#include "state/tests/scratch_folder.h"

namespace smelt::pipeline {
namespace {

class PoolsTest : public testing::Test {
 protected:
  Pools Make() const { return Pools({{"db", 2}, {"api", 1}}, folder_ / "state.db.pool"); }

  static std::optional<Pools::Grant> Take(Pools::Line& line, const std::string& pool, int slots, int priority = 0) {
    auto taken = line.Take(pool, slots, priority);
    EXPECT_TRUE(taken) << taken.error().ToString();
    return taken ? std::move(*taken) : std::nullopt;
  }

  const state::ScratchFolder folder_;
};

TEST_F(PoolsTest, HasSoManySlotsAndWakesThoseThatWait) {
  Pools pools(Make());
  std::atomic<int> woken = 0;
  Pools::Line one(pools, [] {});
  Pools::Line two(pools, [&] { ++woken; });
  auto first = Take(one, "db", 1);
  EXPECT_TRUE(first);
  EXPECT_FALSE(Take(two, "db", 2));
  EXPECT_TRUE(Take(two, "api", 1));
  woken = 0;
  first.reset();
  EXPECT_EQ(woken, 1);
  EXPECT_TRUE(Take(two, "db", 2));
}

TEST_F(PoolsTest, TheHighestPriorityIsFirstAndThenWhoWasBefore) {
  Pools pools(Make());
  Pools::Line low(pools, [] {});
  Pools::Line early(pools, [] {});
  Pools::Line late(pools, [] {});
  auto held = Take(low, "api", 1, 9);
  EXPECT_FALSE(Take(low, "api", 1, 1));
  EXPECT_FALSE(Take(early, "api", 1, 5));
  EXPECT_FALSE(Take(late, "api", 1, 5));
  held.reset();
  EXPECT_FALSE(Take(low, "api", 1, 1));
  EXPECT_FALSE(Take(late, "api", 1, 5));
  early.KeepOnly({});  // it wants nothing any more
  auto taken = Take(late, "api", 1, 5);
  EXPECT_TRUE(taken);
  taken.reset();
  EXPECT_TRUE(Take(low, "api", 1, 1));
}

TEST_F(PoolsTest, SlotsOfOtherProcessesCountUntilTheyDie) {
  state::ChildProcess child([this] {
    static Pools theirs(Make());
    static Pools::Line line(theirs, [] {});
    static std::optional<Pools::Grant> held = Take(line, "db", 2);
    return held.has_value();
  });
  ASSERT_TRUE(child.ok());
  Pools pools(Make());
  Pools::Line line(pools, [] {});
  EXPECT_FALSE(Take(line, "db", 1));
  EXPECT_TRUE(line.waits_for_others());
  child.Kill();
  EXPECT_TRUE(Take(line, "db", 2));
  EXPECT_FALSE(line.waits_for_others());
}

TEST_F(PoolsTest, RefusesWhatCannotBe) {
  const auto parse = [](const std::string& keys) {
    return ParsePipeline("name: p\ntasks:\n  - {name: a, type: t, " + keys + "}\n", "p.yml").value();
  };
  const Pools pools(Make());
  EXPECT_TRUE(pools.Check(parse("pool: db, pool_slots: 2")));
  const Status unknown = pools.Check(parse("pool: dv"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().ToString(),
            "SMELT-CONFIG-0003: p.yml:3:30: the project has no pool 'dv'\n  hint: did you mean 'db'?");
  EXPECT_FALSE(pools.Check(parse("pool: db, pool_slots: 3")));
  EXPECT_FALSE(CheckPools(parse("pool: db"), nullptr));
  EXPECT_TRUE(CheckPools(parse("timeout: 1s"), nullptr));
}

}  // namespace
}  // namespace smelt::pipeline
