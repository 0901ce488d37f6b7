#include "state/schedule_store.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "state/tests/store_kinds.h"

namespace smelt::state {
namespace {

class ScheduleStoreTest : public EachStore {
 protected:
  ScheduleStoreTest() : runs_(std::move(RunStore::Open(address_).value())), store_(*runs_) {}

  static RunRecord Scheduled(const std::string& id, std::int64_t at_us) {
    RunRecord run;
    run.id = id;
    run.pipeline = "p";
    run.triggered_by = "schedule";
    run.scheduled_us = at_us;
    return run;
  }

  std::string Queued() {
    std::string text;
    const std::vector<RunRecord> queued = store_.Queued().value();
    for (const RunRecord& run : queued) text += run.id + " ";
    return text;
  }

  std::unique_ptr<RunStore> runs_;
  ScheduleStore store_;
};

SMELT_ON_EACH_STORE(ScheduleStoreTest);

TEST_P(ScheduleStoreTest, AnInstantGetsOneRunAndMovesTheCursor) {
  EXPECT_TRUE(store_.Enqueue({.run = Scheduled("r1", 100), .cursor_us = 100}, nullptr).value());
  EXPECT_FALSE(store_.Enqueue({.run = Scheduled("r2", 100), .cursor_us = 100}, nullptr).value());
  EXPECT_TRUE(store_.Enqueue({.run = Scheduled("r3", 200), .cursor_us = 200}, nullptr).value());
  EXPECT_EQ(Queued(), "r1 r3 ");
  EXPECT_EQ(store_.Schedules().value().at("p").cursor_us, 200);
  EXPECT_FALSE(runs_->LastRun("p").value());  // none has begun
  EXPECT_TRUE(store_.Withdraw("r1").value());
  EXPECT_FALSE(store_.Withdraw("r1").value());
  EXPECT_EQ(Queued(), "r3 ");
}

TEST_P(ScheduleStoreTest, WhatIsWrittenWithALostLeaseIsRefused) {
  const Lease first = store_.TakeLease("scheduler", "one", 1'000'000).value().value();
  EXPECT_FALSE(store_.TakeLease("scheduler", "two", 1'000'000).value());
  ASSERT_TRUE(store_.Enqueue({.run = Scheduled("r1", 100)}, &first));
  ASSERT_TRUE(store_.ReleaseLease(first));
  const Lease second = store_.TakeLease("scheduler", "two", 1'000'000).value().value();
  EXPECT_GT(second.token, first.token);
  const auto late = store_.Enqueue({.run = Scheduled("r2", 200), .cursor_us = 200}, &first);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::kStateLocked);
  EXPECT_EQ(Queued(), "r1 ");
  EXPECT_FALSE(store_.RenewLease(first, 1'000'000).value());
  EXPECT_TRUE(store_.RenewLease(second, 1'000'000).value());
}

TEST_P(ScheduleStoreTest, AnExpiredLeaseIsFree) {
  ASSERT_TRUE(store_.TakeLease("scheduler", "one", -1).value());
  EXPECT_TRUE(store_.TakeLease("scheduler", "two", 1'000'000).value());
}

TEST_P(ScheduleStoreTest, ADeadRunIsAdoptedOnce) {
  ASSERT_TRUE(store_.Enqueue({.run = Scheduled("r1", 100)}, nullptr));
  RunRecord run = Scheduled("r1", 100);
  ASSERT_TRUE(runs_->StartRun(run));  // nobody holds its lock: its process is dead
  TaskRecord task;
  task.run_id = "r1";
  task.name = "a";
  ASSERT_TRUE(runs_->AddTask(task));
  const auto orphans = store_.Orphans().value();
  ASSERT_EQ(orphans.size(), 1U);
  EXPECT_EQ(orphans[0].status, RunStatus::kDied);
  EXPECT_TRUE(store_.Adopt(orphans[0], "r2", nullptr).value());
  EXPECT_FALSE(store_.Adopt(orphans[0], "r3", nullptr).value());
  EXPECT_EQ(Queued(), "r2 ");
  const RunRecord next = runs_->FindRun("r2").value().value();
  EXPECT_EQ(next.resumed_from, "r1");
  EXPECT_EQ(next.scheduled_us, 100);
  EXPECT_EQ(runs_->Tasks("r1").value().at(0).status, TaskStatus::kDied);
  EXPECT_TRUE(store_.Orphans().value().empty());
}

TEST_P(ScheduleStoreTest, ARunThatEndedAfterAllIsNotAdopted) {
  ASSERT_TRUE(runs_->StartRun(Scheduled("r1", 100)));
  const auto orphans = store_.Orphans().value();
  ASSERT_EQ(orphans.size(), 1U);
  ASSERT_TRUE(runs_->FinishRun("r1", RunStatus::kSucceeded, ""));
  EXPECT_FALSE(store_.Adopt(orphans[0], "r2", nullptr).value());
  EXPECT_EQ(Queued(), "");
}

TEST_P(ScheduleStoreTest, ACancelledRunIsGoneOnWithByNobody) {
  EXPECT_FALSE(store_.Cancel("r1", "anna").value());
  ASSERT_TRUE(store_.Enqueue({.run = Scheduled("r1", 100)}, nullptr));
  EXPECT_FALSE(store_.Cancel("r1", "anna").value());
  ASSERT_TRUE(runs_->StartRun(Scheduled("r1", 100)));
  EXPECT_TRUE(store_.Cancel("r1", "anna").value());
  EXPECT_TRUE(store_.Cancel("r1", "otto").value());
  EXPECT_EQ(store_.FindCancellation("r1").value(), "anna");
  // Its process died before it could stop.
  const auto orphans = store_.Orphans().value();
  ASSERT_EQ(orphans.size(), 1U);
  EXPECT_FALSE(store_.Adopt(orphans[0], "r2", nullptr).value());
  EXPECT_EQ(runs_->FindRun("r1").value()->status, RunStatus::kCancelled);
  EXPECT_GT(runs_->FindRun("r1").value()->finished_us, 0);
  EXPECT_TRUE(store_.Orphans().value().empty());
  EXPECT_EQ(Queued(), "");
}

TEST_P(ScheduleStoreTest, WhatWasWithdrawnIsNotAdoptedAgain) {
  ASSERT_TRUE(runs_->StartRun(Scheduled("r1", 100)));
  ASSERT_TRUE(store_.Adopt(store_.Orphans().value().at(0), "r2", nullptr).value());
  EXPECT_TRUE(store_.Withdraw("r2").value());
  const auto orphans = store_.Orphans().value();
  ASSERT_EQ(orphans.size(), 1U);
  EXPECT_FALSE(store_.Adopt(orphans[0], "r3", nullptr).value());
  EXPECT_EQ(runs_->FindRun("r1").value()->status, RunStatus::kCancelled);
}

TEST_P(ScheduleStoreTest, ARunThatLivesIsNoOrphan) {
  const auto lock = runs_->LockPipeline("p", "r1");
  ASSERT_TRUE(lock);
  ASSERT_TRUE(runs_->StartRun(Scheduled("r1", 100)));
  EXPECT_TRUE(store_.Orphans().value().empty());
}

TEST_P(ScheduleStoreTest, RemembersDefinitionsPausesEventsAndApprovals) {
  const std::string hash = store_.SaveDefinition("p", "p.yml", "name: p").value();
  EXPECT_EQ(store_.SaveDefinition("p", "elsewhere.yml", "name: p").value(), hash);
  EXPECT_EQ(store_.FindDefinition(hash).value()->content, "name: p");
  EXPECT_FALSE(store_.FindDefinition("none").value());
  ASSERT_TRUE(store_.SetPaused("p", true));
  ASSERT_TRUE(store_.SetCursor("p", 7));
  EXPECT_TRUE(store_.Schedules().value().at("p").paused);
  ASSERT_TRUE(store_.SetSeen("p", "table a.b", "3"));
  EXPECT_EQ(store_.Seen("p").value().at("table a.b"), "3");
  ASSERT_TRUE(store_.Approve("r1", "publish", {.approved = true, .by = "ana", .comment = "fine", .at_us = 5}));
  EXPECT_TRUE(store_.FindApproval("r1", "publish").value()->approved);
  EXPECT_FALSE(store_.FindApproval("r1", "other").value());
}

TEST_P(ScheduleStoreTest, TheLastRunToEndIsNotTheOneWithTheGreatestTime) {
  const auto run = [](const std::string& id) {
    RunRecord record = Scheduled(id, 0);
    record.triggered_by = "manual";
    return record;
  };
  // Asked for in this order, ended in the other; and the clock is of no matter.
  ASSERT_TRUE(store_.Enqueue({.run = run("waits")}, nullptr));
  ASSERT_TRUE(runs_->StartRun(run("quick")));
  ASSERT_TRUE(runs_->FinishRun("quick", RunStatus::kSucceeded, ""));
  EXPECT_EQ(store_.LastEnded("p", true, true).value()->id, "quick");
  ASSERT_TRUE(runs_->StartRun(run("waits")));
  ASSERT_TRUE(runs_->FinishRun("waits", RunStatus::kFailed, ""));
  EXPECT_EQ(store_.LastEnded("p", true, true).value()->id, "waits");
  EXPECT_EQ(store_.LastEnded("p", true, false).value()->id, "quick");
  EXPECT_EQ(store_.LastEnded("p", false, true).value()->id, "waits");
  EXPECT_FALSE(store_.LastEnded("q", true, true).value());
}

TEST_P(ScheduleStoreTest, ACallIsMadeOnceUnderItsKey) {
  const auto call = [&](const std::string& id, const std::string& key, const std::string& digest) {
    QueueEntry entry;
    entry.run.id = id;
    entry.run.pipeline = "p";
    entry.run.triggered_by = "http";
    const CallOutcome outcome =
        store_.EnqueueCall(entry, {.idempotency_key = key, .digest = digest, .caller = "c", .note = "n"}, 3).value();
    return std::pair(outcome.kind, outcome.run_id);
  };
  using Kind = CallOutcome::Kind;
  EXPECT_EQ(call("r1", "k", "d"), std::pair(Kind::kQueued, std::string("r1")));
  EXPECT_EQ(call("r2", "k", "d"), std::pair(Kind::kRepeated, std::string("r1")));
  EXPECT_EQ(call("r3", "k", "e"), std::pair(Kind::kDifferent, std::string("r1")));
  EXPECT_EQ(call("r4", "", "d"), std::pair(Kind::kQueued, std::string("r4")));
  EXPECT_EQ(call("r5", "", "d"), std::pair(Kind::kQueued, std::string("r5")));
  EXPECT_EQ(call("r6", "", "d").first, Kind::kFull);
  EXPECT_EQ(call("r7", "k", "d").first, Kind::kRepeated);
  EXPECT_EQ(Queued(), "r1 r4 r5 ");
  EXPECT_EQ(store_.FindCall("r1").value()->note, "n");

  QueueEntry entry;
  entry.run.id = "r8";
  entry.run.pipeline = "p";
  EXPECT_EQ(store_.EnqueueCall(entry, {.digest = "d", .may_join = true}, 3).value().kind, Kind::kJoined);
  EXPECT_EQ(store_.EnqueueCall(entry, {.digest = "other", .may_join = true}, 9).value().kind, Kind::kQueued);
  EXPECT_EQ(store_.EnqueueCall(entry, {.digest = "other", .may_join = true}, 9).value().run_id, "r8");
  EXPECT_FALSE(store_.FindCall("r2").value());
}

}  // namespace
}  // namespace smelt::state
