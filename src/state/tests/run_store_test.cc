#include "state/run_store.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "state/tests/child_process.h"
#include "state/tests/scratch_folder.h"
#include "state/tests/store_kinds.h"

namespace smelt::state {
namespace {

RunRecord MakeRun(const std::string& id, const std::string& pipeline = "daily") {
  RunRecord run;
  run.id = id;
  run.pipeline = pipeline;
  run.project = "olist";
  run.started_us = 1'000;
  run.triggered_by = "manual";
  run.parameters = {{"day", "2018-05-24"}};
  run.host = "box";
  run.pid = 42;
  return run;
}

TaskRecord MakeTask(const std::string& run_id, const std::string& name, int attempt = 1) {
  TaskRecord task;
  task.run_id = run_id;
  task.name = name;
  task.type = "ingest";
  task.attempt = attempt;
  task.started_us = 2'000;
  task.fingerprint = "f00d";
  return task;
}

std::unique_ptr<RunStore> MustOpen(const StoreAddress& address) {
  auto store = RunStore::Open(address);
  EXPECT_TRUE(store) << store.error().ToString();
  return store ? std::move(*store) : nullptr;
}

void ExecuteSql(const std::string& path, const std::string& sql) {
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
  sqlite3_close(connection);
}

class EachRunStore : public EachStore {};
SMELT_ON_EACH_STORE(EachRunStore);

TEST_P(EachRunStore, KeepsRunsAndTasksAcrossOpens) {
  {
    const auto store = MustOpen(address_);
    ASSERT_TRUE(store->StartRun(MakeRun("r1")));
    ASSERT_TRUE(store->AddTask(MakeTask("r1", "bronze")));
    TaskRecord failed = MakeTask("r1", "bronze");
    failed.status = TaskStatus::kFailed;
    failed.finished_us = 3'000;
    failed.error = "disk on fire";
    ASSERT_TRUE(store->FinishTask(failed));
    TaskRecord second = MakeTask("r1", "bronze", 2);
    second.status = TaskStatus::kDone;
    second.outcome = {{"rows_out", 7}, {"note", "caf\xc3"}};  // broken UTF-8 must not lose the record
    ASSERT_TRUE(store->AddTask(second));
    ASSERT_TRUE(store->FinishRun("r1", RunStatus::kSucceeded, ""));
  }
  const auto store = MustOpen(address_);
  const auto run = store->LastRun("daily");
  ASSERT_TRUE(run && *run);
  EXPECT_EQ((*run)->id, "r1");
  EXPECT_EQ((*run)->project, "olist");
  EXPECT_EQ((*run)->status, RunStatus::kSucceeded);
  EXPECT_GT((*run)->finished_us, 0);
  EXPECT_EQ((*run)->parameters["day"], "2018-05-24");
  EXPECT_EQ((*run)->pid, 42);
  const auto tasks = store->Tasks("r1");
  ASSERT_TRUE(tasks);
  ASSERT_EQ(tasks->size(), 2U);
  EXPECT_EQ((*tasks)[0].status, TaskStatus::kFailed);
  EXPECT_EQ((*tasks)[0].error, "disk on fire");
  EXPECT_EQ((*tasks)[1].attempt, 2);
  EXPECT_EQ((*tasks)[1].outcome["rows_out"], 7);
  EXPECT_EQ((*tasks)[1].fingerprint, "f00d");
}

TEST_P(EachRunStore, ListsNewestFirstWhateverTheClockSays) {
  const auto store = MustOpen(address_);
  RunRecord first = MakeRun("r1");
  first.started_us = 9'000;  // the clock was set back after this one
  ASSERT_TRUE(store->StartRun(first));
  ASSERT_TRUE(store->StartRun(MakeRun("r2")));
  ASSERT_TRUE(store->StartRun(MakeRun("r3", "hourly")));
  const auto all = store->ListRuns({});
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[0].id, "r3");
  const auto daily = store->ListRuns({.pipeline = "daily", .limit = 1});
  ASSERT_TRUE(daily);
  ASSERT_EQ(daily->size(), 1U);
  EXPECT_EQ((*daily)[0].id, "r2");
  const auto none = store->LastRun("weekly");
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
}

TEST_P(EachRunStore, ARarePipelineStandsBesideABusyOne) {
  const auto store = MustOpen(address_);
  const auto ran = [&](const std::string& id, const std::string& pipeline, RunStatus status) {
    ASSERT_TRUE(store->StartRun(MakeRun(id, pipeline)));
    ASSERT_TRUE(store->FinishRun(id, status, ""));
  };
  ran("good", "monthly", RunStatus::kSucceeded);
  ran("bad", "monthly", RunStatus::kFailed);
  for (int i = 0; i < 60; ++i) ran("r" + std::to_string(i), "minutely", RunStatus::kSucceeded);
  const auto newest = store->NewestOfEach();
  ASSERT_TRUE(newest) << newest.error().ToString();
  std::vector<std::string> ids;
  for (const RunRecord& run : *newest) ids.push_back(run.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"r59", "bad", "good"}));
}

TEST_P(EachRunStore, AKilledRunIsRecognised) {
  std::unique_ptr<RunStore> child_store;
  std::optional<PipelineLock> child_lock;
  ChildProcess child([&] {
    auto store = RunStore::Open(address_);
    if (!store) return false;
    child_store = std::move(*store);
    auto lock = child_store->LockPipeline("daily", "r1");
    if (!lock) return false;
    child_lock = std::move(*lock);
    return child_store->StartRun(MakeRun("r1")) && child_store->AddTask(MakeTask("r1", "bronze"));
  });
  ASSERT_TRUE(child.ok());
  const auto store = MustOpen(address_);
  EXPECT_EQ(store->FindRun("r1")->value().status, RunStatus::kRunning);
  EXPECT_EQ(store->LockPipeline("daily", "r2").error().code(), ErrorCode::kStateLocked);
  EXPECT_TRUE(store->LockPipeline("hourly", "r2"));

  child.Kill();
  EXPECT_EQ(store->FindRun("r1")->value().status, RunStatus::kDied);
  EXPECT_EQ(store->Tasks("r1")->at(0).status, TaskStatus::kDied);

  const auto lock = store->LockPipeline("daily", "r2");
  ASSERT_TRUE(lock) << lock.error().ToString();
  EXPECT_EQ(store->BuryDeadRuns("daily").value(), 1);
  EXPECT_EQ(store->BuryDeadRuns("daily").value(), 0);
  EXPECT_EQ(store->FindRun("r1")->value().error, "its process ended before the run did");
}

TEST_P(EachRunStore, OpensFromManyThreadsAndRecordsFromAll) {
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([this, i] {
        const auto store = MustOpen(address_);
        if (store == nullptr) return;
        const std::string id = "r" + std::to_string(i);
        EXPECT_TRUE(store->StartRun(MakeRun(id)));
        for (int t = 0; t < 10; ++t) EXPECT_TRUE(store->AddTask(MakeTask(id, "t" + std::to_string(t))));
      });
    }
  }
  const auto store = MustOpen(address_);
  EXPECT_EQ(store->ListRuns({})->size(), 8U);
  EXPECT_EQ(store->Tasks("r3")->size(), 10U);
}

TEST_P(EachRunStore, ARunIsBegunOnce) {
  const auto store = MustOpen(address_);
  ASSERT_TRUE(store->StartRun(MakeRun("r1")));
  const Status again = store->StartRun(MakeRun("r1"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::kStateLocked);
}

TEST_P(EachRunStore, WhatWasTakenForDeadStaysSo) {
  const auto store = MustOpen(address_);
  ASSERT_TRUE(store->StartRun(MakeRun("r1")));
  ASSERT_TRUE(store->AddTask(MakeTask("r1", "bronze")));
  ASSERT_TRUE(store->BuryDeadRuns("daily"));
  TaskRecord late = MakeTask("r1", "bronze");
  late.status = TaskStatus::kDone;
  ASSERT_TRUE(store->FinishTask(late));
  ASSERT_TRUE(store->FinishRun("r1", RunStatus::kSucceeded, ""));
  EXPECT_EQ(store->FindRun("r1")->value().status, RunStatus::kDied);
  EXPECT_EQ(store->Tasks("r1")->at(0).status, TaskStatus::kDied);
}

TEST_P(EachRunStore, ATransactionThatFailsLeavesNothing) {
  const auto store = MustOpen(address_);
  const Status failed = store->Together([&]() -> Status {
    SMELT_TRY(store->StartRun(MakeRun("r1")));
    return Fail(ErrorCode::kCancelled, "no");
  });
  ASSERT_FALSE(failed);
  EXPECT_FALSE(store->FindRun("r1").value());
  ASSERT_TRUE(store->Together([&] { return store->StartRun(MakeRun("r2")); }));
  EXPECT_TRUE(store->FindRun("r2").value());
}

TEST_P(EachRunStore, WhoListensHearsOfWhatHappens) {
  const auto store = MustOpen(address_);
  const auto other = MustOpen(address_);
  const auto signals = store->Listen();
  ASSERT_TRUE(signals) << signals.error().ToString();
  pollfd wait{(*signals)->descriptor(), POLLIN, 0};
  EXPECT_EQ(poll(&wait, 1, 0), 0);
  ASSERT_TRUE(other->StartRun(MakeRun("r1")));
  ASSERT_TRUE(other->FinishRun("r1", RunStatus::kSucceeded, ""));
  constexpr int kPatienceMs = 30'000;
  EXPECT_EQ(poll(&wait, 1, kPatienceMs), 1);
  (*signals)->Take();
  EXPECT_EQ(poll(&wait, 1, 0), 0);
}

TEST(RunStore, ADamagedFileIsAClearErrorAndMayBeDeleted) {
  const ScratchFolder folder;
  const std::string path = folder / "state.db";
  std::ofstream(path) << std::string(8192, 'x');
  const auto damaged = RunStore::Open(path);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code(), ErrorCode::kStateDamaged);
  EXPECT_NE(damaged.error().hint().find("delete the file"), std::string::npos);
  std::filesystem::remove(path);
  EXPECT_TRUE(RunStore::Open(path));
}

TEST(RunStore, ATruncatedFileIsAClearError) {
  const ScratchFolder folder;
  const std::string path = folder / "state.db";
  {
    const auto store = MustOpen(path);
    ASSERT_TRUE(store->StartRun(MakeRun("r1")));
  }
  std::filesystem::resize_file(path, 5000);
  auto store = RunStore::Open(path);
  const Status status = store ? Status((*store)->StartRun(MakeRun("r2"))) : Status(Fail(store.error()));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kStateDamaged) << status.error().ToString();
}

TEST(RunStore, UnknownStatusInTheFileIsDamage) {
  const ScratchFolder folder;
  const std::string path = folder / "state.db";
  const auto store = MustOpen(path);
  ASSERT_TRUE(store->StartRun(MakeRun("r1")));
  ExecuteSql(path, "UPDATE runs SET status = 'jolly'");
  const auto run = store->FindRun("r1");
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code(), ErrorCode::kStateDamaged);
}

TEST(RunStore, RefusesTheFileOfAnotherProgram) {
  const ScratchFolder folder;
  const std::string path = folder / "state.db";
  ExecuteSql(path, "CREATE TABLE recipes (name)");
  const auto store = RunStore::Open(path);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code(), ErrorCode::kStateDamaged);
  EXPECT_NE(store.error().message().find("another program"), std::string::npos);
}

TEST(RunStore, RefusesTheFileOfANewerSmelt) {
  const ScratchFolder folder;
  const std::string path = folder / "state.db";
  MustOpen(path);
  ExecuteSql(path, "PRAGMA user_version = 99");
  const auto store = RunStore::Open(path);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code(), ErrorCode::kStateTooNew);
}

TEST(RunStore, AnUnusablePathIsAnError) {
  const ScratchFolder folder;
  std::filesystem::create_directories(folder / "state.db");
  const auto store = RunStore::Open(folder / "state.db");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code(), ErrorCode::kStateUnavailable);
  std::ofstream(folder / "file") << "x";
  EXPECT_FALSE(RunStore::Open(folder / "file/state.db"));
}

TEST(RunStore, ABusyFileIsRetryable) {
  const ScratchFolder folder;
  const std::string path = folder / "state.db";
  auto store = RunStore::Open(path, 0);
  ASSERT_TRUE(store);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const Status blocked = (*store)->StartRun(MakeRun("r1"));
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().code(), ErrorCode::kStateUnavailable);
  EXPECT_TRUE(blocked.error().retryable());
  sqlite3_close(other);
  EXPECT_TRUE((*store)->StartRun(MakeRun("r1")));
}

}  // namespace
}  // namespace smelt::state
