#include "pipeline/pools.h"

#include <gtest/gtest.h>

#include <poll.h>

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/id.h"
#include "state/run_store.h"
#include "state/tests/child_process.h"
#include "state/tests/scratch_folder.h"

namespace smelt::pipeline {
namespace {

class PoolsTest : public testing::Test {
 protected:
  /// A store, its pools, and runs at work in it.
  struct Place {
    explicit Place(const std::string& path)
        : store(std::move(state::RunStore::Open(state::StoreAddress(path)).value())),
          pools({{"db", 2}, {"api", 1}}, *store) {}
    const std::string& Begin(const std::string& pipeline) {
      state::RunRecord run;
      run.id = NewRunId();
      run.pipeline = pipeline;
      locks.push_back(store->LockPipeline(pipeline, run.id).value());
      EXPECT_TRUE(store->StartRun(run));
      return ids.emplace_back(run.id);
    }
    std::unique_ptr<state::RunStore> store;
    std::vector<state::PipelineLock> locks{};
    std::list<std::string> ids{};
    Pools pools;
  };

  std::string path() const { return folder_ / "state.db"; }

  static std::optional<Pools::Grant> Take(Pools::Line& line, const std::string& pool, int slots, int priority = 0) {
    static std::atomic<int> tasks = 0;
    auto taken = line.Take("task" + std::to_string(++tasks), pool, slots, priority);
    EXPECT_TRUE(taken) << taken.error().ToString();
    return taken ? std::move(*taken) : std::nullopt;
  }

  const state::ScratchFolder folder_;
};

TEST_F(PoolsTest, HasSoManySlotsAndWakesThoseThatWait) {
  Place place(path());
  std::atomic<int> woken = 0;
  Pools::Line one(place.pools, place.Begin("one"), [] {});
  Pools::Line two(place.pools, place.Begin("two"), [&] { ++woken; });
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
  Place place(path());
  Pools::Line low(place.pools, place.Begin("low"), [] {});
  Pools::Line early(place.pools, place.Begin("early"), [] {});
  Pools::Line late(place.pools, place.Begin("late"), [] {});
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
    static Place theirs(path());
    static Pools::Line line(theirs.pools, theirs.Begin("theirs"), [] {});
    static std::optional<Pools::Grant> held = Take(line, "db", 2);
    return held.has_value();
  });
  ASSERT_TRUE(child.ok());
  Place place(path());
  Pools::Line line(place.pools, place.Begin("ours"), [] {});
  EXPECT_FALSE(Take(line, "db", 1));
  EXPECT_TRUE(line.waits_for_others());
  child.Kill();
  EXPECT_TRUE(line.Settle());
  EXPECT_TRUE(Take(line, "db", 2));
  EXPECT_FALSE(line.waits_for_others());
}

TEST_F(PoolsTest, SlotsThatAnotherProcessGivesBackWakeThoseThatWait) {
  Place place(path());
  Place theirs(path());  // a store and pools of its own, as another process has
  std::atomic<int> woken = 0;
  Pools::Line line(place.pools, place.Begin("ours"), [&] { ++woken; });
  Pools::Line other(theirs.pools, theirs.Begin("theirs"), [] {});
  const auto signals = place.store->Listen().value();
  auto held = Take(other, "api", 1);
  EXPECT_FALSE(Take(line, "api", 1));
  held.reset();
  other.Settle();
  pollfd wait{.fd = signals->descriptor(), .events = POLLIN, .revents = 0};
  constexpr int kPatienceMs = 20'000;
  ASSERT_EQ(poll(&wait, 1, kPatienceMs), 1);
  woken = 0;
  place.pools.Hear();
  EXPECT_EQ(woken, 1);
  EXPECT_TRUE(Take(line, "api", 1));
}

TEST_F(PoolsTest, RefusesWhatCannotBe) {
  const auto parse = [](const std::string& keys) {
    return ParsePipeline("name: p\ntasks:\n  - {name: a, type: t, " + keys + "}\n", "p.yml").value();
  };
  const Place place(path());
  const Pools& pools = place.pools;
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
