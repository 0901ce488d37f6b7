#include "state/run_history.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "state/run_store.h"
#include "state/tests/store_kinds.h"

namespace smelt::state {
namespace {

TaskRecord Task(const std::string& run, const std::string& name, TaskStatus status, int attempt, Json steps) {
  TaskRecord task;
  task.run_id = run;
  task.name = name;
  task.type = "ingest";
  task.status = status;
  task.attempt = attempt;
  task.started_us = 1'000'000;
  task.finished_us = 2'500'000;
  if (!steps.is_null()) task.outcome = {{"steps", std::move(steps)}};
  return task;
}

class RunHistoryTest : public EachStore {
 protected:
  /// A store in which the run r1 of the pipeline daily is at work.
  std::unique_ptr<RunStore> StoreWithRun() {
    auto store = std::move(RunStore::Open(address_).value());
    RunRecord run;
    run.id = "r1";
    run.pipeline = "daily";
    EXPECT_TRUE(store->StartRun(run));
    return store;
  }
};
SMELT_ON_EACH_STORE(RunHistoryTest);

TEST_P(RunHistoryTest, SumsOverAllRuns) {
  const auto store = RunStore::Open(address_);
  ASSERT_TRUE(store);
  for (const char* id : {"r1", "r2"}) {
    RunRecord run;
    run.id = id;
    run.pipeline = "daily";
    ASSERT_TRUE((*store)->StartRun(run));
  }
  const Json first = {{"name", "bronze.a"}, {"kind", "ingest"}, {"status", "failed"}, {"seconds", 2.0}};
  const Json second = {{"name", "bronze.a"}, {"kind", "ingest"},      {"status", "done"}, {"rows_in", 10},
                       {"rows_out", 8},      {"rows_quarantined", 2}, {"seconds", 0.5}};
  ASSERT_TRUE((*store)->AddTask(Task("r1", "load", TaskStatus::kFailed, 1, Json::array({first}))));
  ASSERT_TRUE((*store)->AddTask(Task("r1", "load", TaskStatus::kDone, 2, Json::array({second, second}))));
  ASSERT_TRUE((*store)->AddTask(Task("r1", "odd", TaskStatus::kSkipped, 1, nullptr)));
  TaskRecord reused = Task("r2", "load", TaskStatus::kDone, 1, Json::array({second}));
  reused.reused_from = "r1";
  ASSERT_TRUE((*store)->AddTask(reused));
  ASSERT_TRUE((*store)->FinishRun("r1", RunStatus::kSucceeded, ""));

  const auto history = RunHistory::Open(address_);
  ASSERT_TRUE(history);
  const auto runs = (*history)->Runs();
  ASSERT_TRUE(runs) << runs.error().ToString();
  ASSERT_EQ(runs->size(), 2U);
  EXPECT_EQ((*runs)[1].status, "succeeded");
  const auto totals = (*history)->Totals();
  ASSERT_TRUE(totals) << totals.error().ToString();
  const std::vector<TaskTotal>* tasks = &totals->tasks;
  ASSERT_EQ(tasks->size(), 3U);
  EXPECT_EQ((*tasks)[0].status, "done");
  EXPECT_EQ((*tasks)[0].attempts, 1) << "what was not repeated counts once";
  EXPECT_EQ((*tasks)[0].repetitions, 1);
  EXPECT_DOUBLE_EQ((*tasks)[0].seconds, 1.5);
  const std::vector<StepTotal>* steps = &totals->steps;
  ASSERT_EQ(steps->size(), 1U);
  EXPECT_EQ((*steps)[0].times, 3);
  EXPECT_EQ((*steps)[0].failures, 1);
  EXPECT_EQ((*steps)[0].rows_in, 20);
  EXPECT_EQ((*steps)[0].rows_quarantined, 4);
  EXPECT_DOUBLE_EQ((*steps)[0].seconds, 3.0);
  EXPECT_DOUBLE_EQ((*steps)[0].last_seconds, 0.5);
}

TEST_P(RunHistoryTest, UsageIsSummedByStepAndTask) {
  const auto store = StoreWithRun();
  const Json usage = {{"cpu_seconds", 0.5}, {"bytes_read", 100}, {"bytes_written", 10}};
  const Json step = {{"name", "gold.a"}, {"kind", "model"}, {"status", "done"}, {"usage", usage}};
  const Json idle = {{"name", "gold.b"}, {"kind", "model"}, {"status", "nothing"}};
  ASSERT_TRUE(store->AddTask(Task("r1", "build", TaskStatus::kFailed, 1, Json::array({step, idle}))));
  ASSERT_TRUE(store->AddTask(Task("r1", "build", TaskStatus::kDone, 2, Json::array({step}))));
  TaskRecord shell = Task("r1", "told", TaskStatus::kDone, 1, nullptr);
  shell.type = "shell";
  shell.outcome = {{"usage", usage}};
  ASSERT_TRUE(store->AddTask(shell));
  const auto history = RunHistory::Open(address_);
  ASSERT_TRUE(history);
  const auto totals = (*history)->UsageSince(0);
  ASSERT_TRUE(totals) << totals.error().ToString();
  ASSERT_EQ(totals->size(), 2U);
  EXPECT_EQ((*totals)[0].step, "gold.a");
  EXPECT_EQ((*totals)[0].times, 2) << "a failed attempt was paid for, too";
  EXPECT_EQ((*totals)[0].usage, (Usage{.cpu_seconds = 1, .bytes_read = 200, .bytes_written = 20}));
  EXPECT_EQ((*totals)[1].task, "told");
  EXPECT_EQ((*totals)[1].step, "");
  EXPECT_EQ((*totals)[1].kind, "shell");
  EXPECT_TRUE((*history)->UsageSince(1'000'001)->empty());
}

TEST_P(RunHistoryTest, AnEmptyHistoryHasNoSums) {
  const auto history = RunHistory::Open(address_);
  ASSERT_TRUE(history);
  EXPECT_TRUE((*history)->Runs()->empty());
  const auto totals = (*history)->Totals();
  ASSERT_TRUE(totals) << totals.error().ToString();
  EXPECT_TRUE(totals->tasks.empty());
  EXPECT_TRUE(totals->steps.empty());
  EXPECT_TRUE(totals->usage.empty());
}

/// A task that loads a table: the n-th of all.
TaskRecord Load(int n) {
  const Json step = {{"name", n % 3 == 0 ? "bronze.a" : "bronze.b"},
                     {"kind", "ingest"},
                     {"status", n % 7 == 0 ? "failed" : "done"},
                     {"rows_in", n},
                     {"seconds", n * 0.5},
                     {"usage", {{"cpu_seconds", 0.25}, {"bytes_read", n}, {"bytes_written", 1}}}};
  TaskRecord task = Task("r1", n % 2 == 0 ? "even" : "odd", TaskStatus::kDone, 1 + n % 2, Json::array({step}));
  task.attempt = n;  // attempts of a task are distinct
  return task;
}

TEST_P(RunHistoryTest, SumsStayRightWhateverWasSummedBefore) {
  constexpr int kTasks = 700;
  const auto store = StoreWithRun();
  const auto history = RunHistory::Open(address_);
  ASSERT_TRUE(history);
  std::int64_t rows = 0;
  for (int n = 1; n <= kTasks; ++n) {
    ASSERT_TRUE(store->AddTask(Load(n)));
    rows += n;
    if (n % 50 != 0) continue;
    const auto totals = (*history)->Totals();
    ASSERT_TRUE(totals) << totals.error().ToString();
    ASSERT_EQ(totals->steps.size(), 2U);
    EXPECT_EQ(totals->steps[0].rows_in + totals->steps[1].rows_in, rows) << n;
    EXPECT_EQ(totals->steps[0].times, n / 3);
    const int last = n - n % 3;
    EXPECT_DOUBLE_EQ(totals->steps[0].last_seconds, last * 0.5);
    EXPECT_EQ(totals->steps[0].failures + totals->steps[1].failures, n / 7);
    ASSERT_EQ(totals->tasks.size(), 2U);
    EXPECT_EQ(totals->tasks[0].attempts, n / 2);
    ASSERT_EQ(totals->usage.size(), 4U);
    EXPECT_EQ(totals->usage[0].usage.bytes_read + totals->usage[1].usage.bytes_read, n / 2 * (n / 2 + 1));
  }
}

TEST_P(RunHistoryTest, ATaskThatWorkedLongCountsAsItEnded) {
  constexpr int kTasks = 500;
  const auto store = StoreWithRun();
  const auto history = RunHistory::Open(address_);
  ASSERT_TRUE(history);
  for (int n = 1; n <= kTasks; ++n) {
    TaskRecord task = Load(n);
    if (n == 250) task.status = TaskStatus::kRunning;
    ASSERT_TRUE(store->AddTask(task));
  }
  EXPECT_EQ((*history)->Totals()->tasks.size(), 3U);  // even: done and running; odd: done
  ASSERT_TRUE(store->FinishTask(Load(250)));
  const auto totals = (*history)->Totals();
  ASSERT_TRUE(totals) << totals.error().ToString();
  ASSERT_EQ(totals->tasks.size(), 2U);
  EXPECT_EQ(totals->tasks[0].attempts, kTasks / 2);
  EXPECT_EQ(totals->steps[0].times + totals->steps[1].times, kTasks);
}

}  // namespace
}  // namespace smelt::state
