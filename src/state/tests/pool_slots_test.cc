#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "state/run_store.h"
#include "state/tests/child_process.h"
#include "state/tests/store_kinds.h"

namespace smelt::state {
namespace {

class PoolSlotsTest : public EachStore {
 protected:
  std::unique_ptr<RunStore> Open() { return std::move(RunStore::Open(address_).value()); }

  /// A run that is at work.
  static std::pair<PipelineLock, std::string> Begin(RunStore& store, const std::string& pipeline) {
    RunRecord run;
    run.id = "run of " + pipeline;
    run.pipeline = pipeline;
    PipelineLock lock = store.LockPipeline(pipeline, run.id).value();
    EXPECT_TRUE(store.StartRun(run));
    return {std::move(lock), run.id};
  }
};

SMELT_ON_EACH_STORE(PoolSlotsTest);

TEST_P(PoolSlotsTest, ThereAreAsManyAsThePoolHasForAllRuns) {
  const auto store = Open();
  const auto other = Open();
  const auto [lock, one] = Begin(*store, "one");
  const auto [other_lock, two] = Begin(*other, "two");
  EXPECT_TRUE(store->TakeSlots({"db", one, "a", 2}, 3).value());
  EXPECT_FALSE(other->TakeSlots({"db", two, "a", 2}, 3).value());
  EXPECT_TRUE(other->TakeSlots({"api", two, "x", 2}, 3).value());
  EXPECT_TRUE(other->TakeSlots({"db", two, "a", 1}, 3).value());
  EXPECT_FALSE(store->TakeSlots({"db", one, "b", 1}, 3).value());
  ASSERT_TRUE(store->GiveSlots({"db", one, "a", 2}));
  EXPECT_FALSE(other->ReclaimSlots("db").value());  // nobody died
  EXPECT_TRUE(other->TakeSlots({"db", two, "b", 2}, 3).value());
  // What a run still has when it is over counts no more.
  ASSERT_TRUE(other->FinishRun(two, RunStatus::kFailed, ""));
  EXPECT_TRUE(store->TakeSlots({"db", one, "b", 3}, 3).value());
}

TEST_P(PoolSlotsTest, AreTakenWithWhatElseATransactionRecords) {
  const auto store = Open();
  const auto [lock, one] = Begin(*store, "one");
  const Status failed = store->Together([&]() -> Status {
    EXPECT_TRUE(store->TakeSlots({"db", one, "a", 1}, 1).value());
    return Fail(ErrorCode::kInternal, "on purpose");
  });
  EXPECT_FALSE(failed);
  EXPECT_TRUE(store->TakeSlots({"db", one, "b", 1}, 1).value());
}

TEST_P(PoolSlotsTest, ComeBackFromAProcessThatDied) {
  ChildProcess child([this] {
    static const auto kTheirs = Open();
    static const auto kRun = Begin(*kTheirs, "theirs");
    return kTheirs->TakeSlots({"db", kRun.second, "a", 1}, 1).value_or(false);
  });
  ASSERT_TRUE(child.ok());
  const auto store = Open();
  const auto [lock, one] = Begin(*store, "one");
  EXPECT_FALSE(store->TakeSlots({"db", one, "a", 1}, 1).value());
  EXPECT_FALSE(store->ReclaimSlots("db").value());
  EXPECT_FALSE(store->TakeSlots({"db", one, "a", 1}, 1).value());
  child.Kill();
  EXPECT_TRUE(store->ReclaimSlots("db").value());
  EXPECT_TRUE(store->TakeSlots({"db", one, "a", 1}, 1).value());
}

}  // namespace
}  // namespace smelt::state
