#include "pipeline/run.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "base/retry.h"
#include "state/tests/child_process.h"
#include "state/tests/scratch_folder.h"

namespace smelt::pipeline {
namespace {

using state::RunStatus;
using state::TaskStatus;

/// Writes down what it is told, in words.
class Witness : public PipelineObserver {
 public:
  void StepStarted(std::string_view, std::string_view) override {}
  void StepProgress(std::string_view, std::int64_t, std::int64_t, std::string_view) override {}
  void StepFinished(const StepResult& step) override { Add("step " + step.name); }
  void RunStarted(std::string_view, const Pipeline& pipeline, std::string_view) override {
    Add("run " + pipeline.name);
    if (at_start) at_start();
  }
  void TaskStarted(std::string_view task, std::string_view, int attempt) override {
    Add("start " + std::string(task) + (attempt > 1 ? ":" + std::to_string(attempt) : ""));
  }
  void TaskRetrying(std::string_view task, int, std::int64_t, const Error&) override {
    Add("retry " + std::string(task));
  }
  void TaskFinished(const TaskReport& report) override {
    Add(report.name + " " + std::string(state::TaskStatusText(report.status)));
  }
  void RunFinished(const RunReport& report) override { Add("end " + std::string(state::RunStatusText(report.status))); }

  std::function<void()> at_start = {};  ///< called when a run has started

  std::vector<std::string> Events() {
    const std::lock_guard guard(mutex_);
    return events_;
  }

 private:
  void Add(std::string event) {
    const std::lock_guard guard(mutex_);
    events_.push_back(std::move(event));
  }
  std::mutex mutex_;
  std::vector<std::string> events_;
};

Result<TaskOutcome> Done(std::int64_t commits = 0) {
  TaskOutcome outcome;
  outcome.commits = commits;
  return outcome;
}

StepResult MakeStep(const std::string& name, StepStatus status, std::int64_t rows_out,
                    const std::string& message = "") {
  StepResult step;
  step.name = name;
  step.status = status;
  step.rows_out = rows_out;
  step.message = message;
  return step;
}

/// Waits for the stop; the way in which well-behaved tasks end when they are asked to.
Result<TaskOutcome> UntilStopped(const TaskContext& context) {
  SleepFor(600'000, context.stop);
  return Fail(ErrorCode::kCancelled, "stopped as asked");
}

/// A pipeline whose tasks, all of type "t", do what the test scripts for them by name; unscripted ones succeed.
class RunTest : public testing::Test {
 protected:
  RunTest() {
    registry_.Add({.name = "t",
                   .summary = "scripted",
                   .settings = {{.name = "x"}},
                   .run = [this](const TaskContext& context) -> Result<TaskOutcome> {
                     {
                       const std::lock_guard guard(mutex_);
                       ran_.push_back(context.task);
                     }
                     const auto script = scripts_.find(context.task);
                     return script == scripts_.end() ? Done() : script->second(context);
                   }});
    OpenStore();
  }

  void OpenStore() {
    store_.reset();
    auto store = state::RunStore::Open(folder_ / "state.db");
    ASSERT_TRUE(store) << store.error().ToString();
    store_ = std::move(*store);
  }

  Pipeline Parse(const std::string& yaml) {
    auto pipeline = ParsePipeline("name: p\n" + yaml, "p.yml");
    EXPECT_TRUE(pipeline) << pipeline.error().ToString();
    return std::move(*pipeline);
  }

  RunReport Run(const std::string& yaml, const RunOptions& options = {}) {
    ran_.clear();
    auto report = RunPipeline(Parse(yaml), registry_, *store_, options, witness_, stop_.get_token());
    EXPECT_TRUE(report) << report.error().ToString();
    return report ? std::move(*report) : RunReport{};
  }

  std::string Ran() const {
    std::string text;
    for (const std::string& task : ran_) text += task + " ";
    return text;
  }

  const state::ScratchFolder folder_;
  std::unique_ptr<state::RunStore> store_;
  TaskRegistry registry_;
  std::map<std::string, TaskFunction> scripts_;
  Witness witness_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::vector<std::string> ran_;
};

const char* const kChain = R"(
tasks:
  - {name: a, type: t}
  - {name: b, type: t, needs: a}
  - {name: c, type: t, needs: b}
)";

TEST_F(RunTest, RunsInOrderAndRecordsEverything) {
  scripts_["b"] = [](const TaskContext& context) {
    context.observer.StepStarted("bronze.orders", "ingest");
    context.observer.StepFinished(MakeStep("bronze.orders", StepStatus::kDone, 6));
    context.observer.StepFinished(MakeStep("bronze.items", StepStatus::kDone, 2));
    return Done(1);
  };
  const RunReport report = Run(kChain, {.project = "olist", .run_id = "r1"});
  EXPECT_EQ(report.status, RunStatus::kSucceeded);
  EXPECT_EQ(report.exit_code(), 0);
  EXPECT_FALSE(report.nothing_to_do());
  EXPECT_EQ(witness_.Events(),
            (std::vector<std::string>{"run p", "start a", "a done", "start b", "step bronze.orders",
                                      "step bronze.items", "b done", "start c", "c done", "end succeeded"}));
  const auto run = store_->FindRun("r1");
  ASSERT_TRUE(run && *run);
  EXPECT_EQ((*run)->status, RunStatus::kSucceeded);
  EXPECT_EQ((*run)->project, "olist");
  const auto tasks = store_->Tasks("r1");
  ASSERT_TRUE(tasks);
  ASSERT_EQ(tasks->size(), 3U);
  EXPECT_EQ((*tasks)[1].status, TaskStatus::kDone);
  EXPECT_GE((*tasks)[1].finished_us, (*tasks)[1].started_us);
  EXPECT_EQ((*tasks)[1].outcome["steps"][0]["rows_out"], 6);
  EXPECT_EQ((*tasks)[1].outcome["rows_out"], 8);
  EXPECT_FALSE((*tasks)[1].outcome.contains("rows_in"));
}

TEST_F(RunTest, SaysWhenThereWasNothingToDo) {
  const auto nothing = [](const TaskContext&) -> Result<TaskOutcome> {
    return TaskOutcome{.status = StepStatus::kNothing};
  };
  scripts_ = {{"a", nothing}, {"b", nothing}, {"c", nothing}};
  EXPECT_TRUE(Run(kChain).nothing_to_do());
  scripts_["c"] = [](const TaskContext&) { return Done(); };  // it did something, though not to a table
  EXPECT_FALSE(Run(kChain).nothing_to_do());
  scripts_["c"] = [](const TaskContext&) { return Done(1); };
  EXPECT_FALSE(Run(kChain).nothing_to_do());
}

TEST_F(RunTest, RunsIndependentTasksSideBySide) {
  std::mutex mutex;
  std::condition_variable met;
  int present = 0;
  const auto meet = [&](const TaskContext&) -> Result<TaskOutcome> {
    std::unique_lock lock(mutex);
    ++present;
    met.notify_all();
    if (met.wait_for(lock, std::chrono::minutes(1), [&] { return present == 2; })) return Done();
    return Fail(ErrorCode::kInternal, "the other task never came");
  };
  scripts_["a"] = meet;
  scripts_["b"] = meet;
  EXPECT_EQ(Run("tasks: [{name: a, type: t}, {name: b, type: t}]").status, RunStatus::kSucceeded);
}

TEST_F(RunTest, TriesRetryableErrorsAgain) {
  scripts_["a"] = [](const TaskContext& context) -> Result<TaskOutcome> {
    if (context.attempt < 3) return Fail(ErrorCode::kStoreIo, "flaky");
    return Done();
  };
  const RunReport report = Run("retries: {attempts: 4, delay: 1ms}\ntasks: [{name: a, type: t}]", {.run_id = "r1"});
  EXPECT_EQ(report.status, RunStatus::kSucceeded);
  EXPECT_EQ(report.tasks[0].attempts, 3);
  EXPECT_FALSE(report.tasks[0].error);
  EXPECT_EQ(witness_.Events(), (std::vector<std::string>{"run p", "start a", "retry a", "start a:2", "retry a",
                                                         "start a:3", "a done", "end succeeded"}));
  const auto tasks = store_->Tasks("r1");
  ASSERT_EQ(tasks->size(), 3U);
  EXPECT_EQ((*tasks)[0].status, TaskStatus::kFailed);
  EXPECT_NE((*tasks)[0].error.find("flaky"), std::string::npos);
  EXPECT_EQ((*tasks)[2].status, TaskStatus::kDone);
}

TEST_F(RunTest, GivesUpAfterTheLastAttempt) {
  scripts_["a"] = [](const TaskContext&) { return Result<TaskOutcome>(Fail(ErrorCode::kStoreIo, "still broken")); };
  const RunReport report = Run("retries: {attempts: 2, delay: 1ms}\n" + std::string(kChain));
  EXPECT_EQ(report.status, RunStatus::kFailed);
  EXPECT_EQ(report.exit_code(), 3);
  EXPECT_EQ(report.tasks[0].attempts, 2);
  EXPECT_EQ(report.tasks[1].status, TaskStatus::kSkipped);
  EXPECT_EQ(report.tasks[1].skipped_because, "'a' failed");
  EXPECT_EQ(Ran(), "a a ");
}

TEST_F(RunTest, DoesNotRepeatWhatCannotPass) {
  scripts_["a"] = [](const TaskContext&) { return Result<TaskOutcome>(Fail(ErrorCode::kSqlRuntime, "no")); };
  const std::string retries = "retries: {attempts: 3, delay: 1ms}\n";
  EXPECT_EQ(Run(retries + "tasks: [{name: a, type: t}]").tasks[0].attempts, 1);
  EXPECT_EQ(Run(retries + "tasks: [{name: a, type: t, retries: {errors: all}}]").tasks[0].attempts, 3);
  scripts_["a"] = [](const TaskContext&) { return Result<TaskOutcome>(Fail(ErrorCode::kConfigKeyMissing, "no")); };
  EXPECT_EQ(Run(retries + "tasks: [{name: a, type: t, retries: {errors: all}}]").tasks[0].attempts, 1);
}

TEST_F(RunTest, AFailedGateStopsWhatIsDownstreamAndNothingElse) {
  scripts_["check"] = [](const TaskContext&) -> Result<TaskOutcome> {
    TaskOutcome outcome;
    outcome.status = StepStatus::kFailed;
    outcome.steps = {MakeStep("orders_bronze", StepStatus::kFailed, -1, "3 of 9 failed"),
                     MakeStep("items_bronze", StepStatus::kFailed, -1)};
    return outcome;
  };
  const RunReport report = Run(R"(
retries: {attempts: 3, delay: 1ms, errors: all}
tasks:
  - {name: check, type: t}
  - {name: silver, type: t, needs: check}
  - {name: other, type: t}
)");
  EXPECT_EQ(report.status, RunStatus::kFailed);
  EXPECT_EQ(report.exit_code(), 1);
  EXPECT_EQ(report.tasks[0].attempts, 1);
  ASSERT_TRUE(report.error);
  EXPECT_EQ(report.error->code(), ErrorCode::kPipelineGate);
  EXPECT_EQ(report.error->message(),
            "the checks of the task 'check' failed: orders_bronze: 3 of 9 failed (and 1 more)");
  EXPECT_EQ(report.tasks[1].status, TaskStatus::kSkipped);
  EXPECT_EQ(report.tasks[2].status, TaskStatus::kDone);
}

TEST_F(RunTest, AnOpenGateOnlyWarns) {
  scripts_["a"] = [](const TaskContext&) -> Result<TaskOutcome> {
    TaskOutcome outcome;
    outcome.status = StepStatus::kFailed;
    return outcome;
  };
  const RunReport report = Run("tasks: [{name: a, type: t, gate: false}, {name: b, type: t, needs: a}]");
  EXPECT_EQ(report.status, RunStatus::kSucceeded);
  EXPECT_EQ(report.tasks[0].status, TaskStatus::kWarned);
  EXPECT_EQ(report.tasks[1].status, TaskStatus::kDone);
}

TEST_F(RunTest, AFailedTaskStillTellsItsFinishedSteps) {
  scripts_["a"] = [](const TaskContext& context) -> Result<TaskOutcome> {
    context.observer.StepFinished(MakeStep("bronze.orders", StepStatus::kDone, 5));
    return Fail(ErrorCode::kSqlRuntime, "then it broke");
  };
  const RunReport report = Run("tasks: [{name: a, type: t}]");
  ASSERT_EQ(report.tasks[0].outcome.steps.size(), 1U);
  EXPECT_EQ(report.tasks[0].outcome.steps[0].rows_out, 5);
}

TEST_F(RunTest, AnExceptionIsTheTasksFailure) {
  scripts_["a"] = [](const TaskContext&) -> Result<TaskOutcome> { throw std::runtime_error("boom"); };
  const RunReport report = Run("tasks: [{name: a, type: t}, {name: b, type: t}]");
  EXPECT_EQ(report.tasks[0].error->code(), ErrorCode::kInternal);
  EXPECT_EQ(report.tasks[0].error->message(), "the task 'a' threw: boom");
  EXPECT_EQ(report.tasks[1].status, TaskStatus::kDone);
}

TEST_F(RunTest, ATaskThatTakesTooLongIsStoppedAndTriedAgain) {
  scripts_["a"] = UntilStopped;
  const RunReport report = Run("retries: {attempts: 2, delay: 1ms}\ntasks: [{name: a, type: t, timeout: 20ms}]");
  EXPECT_EQ(report.status, RunStatus::kFailed);
  EXPECT_EQ(report.tasks[0].attempts, 2);
  EXPECT_EQ(report.tasks[0].status, TaskStatus::kFailed);
  EXPECT_EQ(report.error->code(), ErrorCode::kPipelineTimeout);
  EXPECT_EQ(report.error->message(), "the task 'a' took longer than the 0.02 s of its timeout");
}

TEST_F(RunTest, ARunThatTakesTooLongIsStopped) {
  scripts_["a"] = UntilStopped;
  const RunReport report = Run("timeout: 20ms\n" + std::string(kChain));
  EXPECT_EQ(report.status, RunStatus::kFailed);
  EXPECT_EQ(report.error->code(), ErrorCode::kPipelineTimeout);
  EXPECT_EQ(report.tasks[0].status, TaskStatus::kInterrupted);
  EXPECT_EQ(report.tasks[1].status, TaskStatus::kSkipped);
}

TEST_F(RunTest, AnInterruptionStopsEverythingAndIsRecorded) {
  scripts_["a"] = [this](const TaskContext& context) {
    stop_.request_stop();
    return UntilStopped(context);
  };
  const RunReport report = Run(kChain, {.run_id = "r1"});
  EXPECT_EQ(report.status, RunStatus::kInterrupted);
  EXPECT_EQ(report.exit_code(), 130);
  EXPECT_EQ(report.error->code(), ErrorCode::kCancelled);
  EXPECT_EQ(report.tasks[0].status, TaskStatus::kInterrupted);
  EXPECT_EQ(report.tasks[2].skipped_because, "the run was interrupted");
  EXPECT_EQ(store_->FindRun("r1")->value().status, RunStatus::kInterrupted);
  EXPECT_EQ(store_->Tasks("r1")->at(0).status, TaskStatus::kInterrupted);
}

TEST_F(RunTest, ACancelledRunIsRecordedAsSuch) {
  std::stop_source cancel;
  scripts_["a"] = [&](const TaskContext& context) {
    cancel.request_stop();
    return UntilStopped(context);
  };
  const RunReport report = Run(kChain, {.run_id = "r1", .cancel = cancel.get_token()});
  EXPECT_EQ(report.status, RunStatus::kCancelled);
  EXPECT_EQ(report.error->message(), "the run was cancelled");
  EXPECT_EQ(report.tasks[0].status, TaskStatus::kInterrupted);
  EXPECT_EQ(store_->FindRun("r1")->value().status, RunStatus::kCancelled);
}

TEST_F(RunTest, ATaskThatWatchesTheStopItselfCountsAsInterrupted) {
  scripts_["a"] = [this](const TaskContext&) -> Result<TaskOutcome> {
    stop_.request_stop();
    return Fail(ErrorCode::kCancelled, "saw it first");
  };
  EXPECT_EQ(Run(kChain).status, RunStatus::kInterrupted);
}

TEST_F(RunTest, AnInterruptionEndsThePauseBeforeAnotherAttempt) {
  scripts_["a"] = [](const TaskContext&) { return Result<TaskOutcome>(Fail(ErrorCode::kStoreIo, "flaky")); };
  scripts_["b"] = [this](const TaskContext& context) {
    while (witness_.Events().back() != "retry a") SleepFor(1, {});
    stop_.request_stop();
    return UntilStopped(context);
  };
  const RunReport report =
      Run("retries: {attempts: 2, delay: 10m, delay_max: 10m}\ntasks: [{name: a, type: t}, {name: b, type: t}]");
  EXPECT_EQ(report.status, RunStatus::kInterrupted);
  EXPECT_EQ(report.tasks[0].status, TaskStatus::kFailed);
  EXPECT_EQ(report.tasks[0].error->code(), ErrorCode::kStoreIo);
}

TEST_F(RunTest, AStopThatComesTooLateChangesNothing) {
  scripts_["c"] = [this](const TaskContext&) {
    stop_.request_stop();
    return Done(1);
  };
  const RunReport report = Run(kChain);
  EXPECT_EQ(report.status, RunStatus::kSucceeded);
  EXPECT_FALSE(report.error);
}

TEST_F(RunTest, AStopBeforeTheStartRunsNothing) {
  stop_.request_stop();
  EXPECT_EQ(Run(kChain).status, RunStatus::kInterrupted);
  EXPECT_EQ(Ran(), "");
}

TEST_F(RunTest, TwoRunsOfOnePipelineDoNotOverlap) {
  std::optional<Error> refused;
  scripts_["a"] = [&](const TaskContext&) {
    Witness other;
    const auto second = RunPipeline(Parse(kChain), registry_, *store_, {}, other, {});
    if (!second) refused = second.error();
    return Done();
  };
  EXPECT_EQ(Run("tasks: [{name: a, type: t}]", {.run_id = "r1"}).status, RunStatus::kSucceeded);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code(), ErrorCode::kStateLocked);
  EXPECT_NE(refused->message().find("run r1 in process"), std::string::npos) << refused->message();
}

TEST_F(RunTest, AWrongDefinitionRunsNothing) {
  const auto report =
      RunPipeline(Parse("tasks: [{name: a, type: t, with: {y: 1}}]"), registry_, *store_, {}, witness_, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::kConfigKeyUnknown);
  EXPECT_TRUE(store_->ListRuns({})->empty());
}

TEST_F(RunTest, VariablesComeFromThePipelineAndTheCaller) {
  Json seen;
  scripts_["a"] = [&](const TaskContext& context) {
    seen = context.vars;
    return Done();
  };
  Run("vars: {day: monday, size: 1}\ntasks: [{name: a, type: t}]", {.run_id = "r1", .vars = {{"day", "friday"}}});
  EXPECT_EQ(seen, (Json{{"day", "friday"}, {"size", 1}}));
  EXPECT_EQ(store_->FindRun("r1")->value().parameters, (Json{{"day", "friday"}}));
}

class ResumeTest : public RunTest {
 protected:
  /// Runs the chain with a failing b.
  void Break(const RunOptions& options = {.run_id = "r1"}) {
    scripts_["a"] = [](const TaskContext&) { return Done(5); };
    scripts_["b"] = [](const TaskContext&) { return Result<TaskOutcome>(Fail(ErrorCode::kSqlRuntime, "broken")); };
    Run(kChain, options);
    scripts_.erase("b");
  }
};

TEST_F(ResumeTest, GoesOnFromTheFailedTask) {
  Break();
  for (const char* task : {"b", "c"}) {
    scripts_[task] = [](const TaskContext&) -> Result<TaskOutcome> {
      return TaskOutcome{.status = StepStatus::kNothing};
    };
  }
  const RunReport report = Run(kChain, {.run_id = "r2", .resume = true});
  EXPECT_EQ(Ran(), "b c ");
  EXPECT_EQ(report.status, RunStatus::kSucceeded);
  EXPECT_EQ(report.resumed_from, "r1");
  EXPECT_EQ(report.tasks[0].status, TaskStatus::kDone);
  EXPECT_EQ(report.tasks[0].reused_from, "r1");
  EXPECT_EQ(report.tasks[0].outcome.commits, 5);
  EXPECT_TRUE(report.nothing_to_do());  // what the earlier run committed is not this one's
  EXPECT_EQ(store_->Tasks("r2")->at(0).reused_from, "r1");
}

TEST_F(ResumeTest, WhatIsNotRepeatedIsKnownFromTheBeginOfTheRun) {
  Break();
  std::vector<state::TaskRecord> known;
  witness_.at_start = [&] { known = store_->Tasks("r2").value(); };
  Run(kChain, {.run_id = "r2", .resume = true});
  // A process that is killed at this moment leaves a run behind that knows what was done.
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known[0].name, "a");
  EXPECT_EQ(known[0].reused_from, "r1");
}

TEST_F(ResumeTest, WorksAlongAChainOfFailures) {
  Break();
  scripts_["c"] = [](const TaskContext&) { return Result<TaskOutcome>(Fail(ErrorCode::kSqlRuntime, "broken too")); };
  Run(kChain, {.run_id = "r2", .resume = true});
  scripts_.clear();
  const RunReport report = Run(kChain, {.run_id = "r3", .resume = true});
  EXPECT_EQ(Ran(), "c ");
  EXPECT_EQ(report.tasks[0].reused_from, "r1");
  EXPECT_EQ(report.tasks[1].reused_from, "r2");
}

TEST_F(ResumeTest, WithoutTheOptionEverythingRuns) {
  Break();
  Run(kChain);
  EXPECT_EQ(Ran(), "a b c ");
}

TEST_F(ResumeTest, AfterASuccessEverythingRuns) {
  Run(kChain);
  const RunReport report = Run(kChain, {.resume = true});
  EXPECT_EQ(Ran(), "a b c ");
  EXPECT_EQ(report.resumed_from, "");
}

TEST_F(ResumeTest, AnEditedTaskAndAllBehindItRunAgain) {
  Run(R"(
tasks:
  - {name: a, type: t}
  - {name: b, type: t, needs: a}
  - {name: c, type: t}
)");
  scripts_["d"] = [](const TaskContext&) { return Result<TaskOutcome>(Fail(ErrorCode::kSqlRuntime, "broken")); };
  const std::string tail = R"(
  - {name: b, type: t, needs: a}
  - {name: c, type: t}
  - {name: d, type: t}
)";
  Run("tasks:\n  - {name: a, type: t}" + tail);
  Run("tasks:\n  - {name: a, type: t, with: {x: 1}}" + tail, {.resume = true});
  EXPECT_EQ(Ran().find('c'), std::string::npos) << Ran();
  for (const char task : {'a', 'b', 'd'}) EXPECT_NE(Ran().find(task), std::string::npos) << Ran();
}

TEST_F(ResumeTest, KeepsTheVariablesOfTheBrokenRunUnlessTold) {
  Break({.run_id = "r1", .vars = {{"day", "friday"}}});
  EXPECT_EQ(Run(kChain, {.run_id = "r2", .resume = true}).tasks[0].reused_from, "r1");
  EXPECT_EQ(store_->FindRun("r2")->value().parameters, (Json{{"day", "friday"}}));
  Break({.run_id = "r3", .vars = {{"day", "friday"}}});
  Run(kChain, {.resume = true, .vars = {{"day", "monday"}}});
  EXPECT_EQ(Ran(), "a b c ");
}

TEST_F(ResumeTest, GoesOnAfterAKill) {
  const std::string path = folder_ / "state.db";
  store_.reset();
  state::ChildProcess child([&] {
    // The child is killed while its second task is at work. The thread that runs the pipeline is left to that end.
    static std::unique_ptr<state::RunStore> store;
    static Witness witness;
    auto opened = state::RunStore::Open(path);
    if (!opened) return false;
    store = std::move(*opened);
    static std::atomic<bool> reached = false;
    scripts_["b"] = [](const TaskContext&) {
      reached = true;
      while (true) pause();
      return Done();
    };
    static const Pipeline kPipeline = Parse(kChain);
    static std::jthread runner(
        [this] { static_cast<void>(RunPipeline(kPipeline, registry_, *store, {.run_id = "r1"}, witness, {})); });
    while (!reached) SleepFor(1, {});
    return true;
  });
  ASSERT_TRUE(child.ok());
  OpenStore();
  EXPECT_EQ(store_->FindRun("r1")->value().status, RunStatus::kRunning);
  child.Kill();
  EXPECT_EQ(store_->FindRun("r1")->value().status, RunStatus::kDied);

  const RunReport report = Run(kChain, {.run_id = "r2", .resume = true});
  EXPECT_EQ(report.status, RunStatus::kSucceeded);
  EXPECT_EQ(report.resumed_from, "r1");
  EXPECT_EQ(Ran(), "b c ");
  const auto tasks = store_->Tasks("r1");
  EXPECT_EQ(tasks->at(0).status, TaskStatus::kDone);
  EXPECT_EQ(tasks->at(1).status, TaskStatus::kDied);
}

TEST_F(RunTest, GoesOnWhenItsRecordsCannotBeWritten) {
  scripts_["a"] = [this](const TaskContext&) {
    sqlite3* connection = nullptr;
    EXPECT_EQ(sqlite3_open((folder_ / "state.db").c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection, "DROP TABLE tasks", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(connection);
    return Done();
  };
  const RunReport report = Run(kChain);
  EXPECT_EQ(report.status, RunStatus::kSucceeded);
  EXPECT_EQ(Ran(), "a b c ");
  ASSERT_TRUE(report.record_error);
  EXPECT_EQ(report.record_error->code(), ErrorCode::kStateDamaged);
}

TEST_F(RunTest, WritesAJsonLog) {
  const std::string path = folder_ / "logs/run.ndjson";
  ASSERT_TRUE(LogTo(path, LogLevel::kInfo));
  scripts_["b"] = [](const TaskContext&) { return Result<TaskOutcome>(Fail(ErrorCode::kSqlRuntime, "broken")); };
  Run(kChain, {.run_id = "r1"});
  ASSERT_TRUE(LogTo("", LogLevel::kInfo));
  std::vector<std::string> events;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const Json entry = Json::parse(line);
    EXPECT_EQ(entry["run_id"], "r1");
    std::string event = entry["event"].get<std::string>();
    if (entry.contains("task")) event += " " + entry["task"].get<std::string>();
    if (entry.contains("status")) event += " " + entry["status"].get<std::string>();
    events.push_back(event);
  }
  EXPECT_EQ(events, (std::vector<std::string>{"pipeline.run.started", "pipeline.task.started a",
                                              "pipeline.task.finished a done", "pipeline.task.started b",
                                              "pipeline.task.finished b failed", "pipeline.task.finished c skipped",
                                              "pipeline.run.finished failed"}));
}

const char* const kEach = R"(
params: {regions: {type: list, default: [BR, PT, AO]}}
tasks:
  - {name: load, type: t, for_each: params.regions, with: {x: "{{ item }}"}}
  - {name: after, type: t, needs: load, with: {x: "{{ tasks.load.output }}"}}
)";

/// What a task of kEach was given, and a failure for one value.
TaskFunction Echo(const std::string& fails = "") {
  return [fails](const TaskContext& context) -> Result<TaskOutcome> {
    const std::string given = context.with.Find("x")->AsString().value();
    if (given == fails) return Fail(ErrorCode::kSqlRuntime, "no " + given);
    TaskOutcome outcome;
    outcome.rows_out = 2;
    outcome.commits = 1;
    outcome.details["output"] = given;
    return outcome;
  };
}

TEST_F(RunTest, DoesATaskForEachItemAndCollectsWhatTheyGive) {
  for (const char* name : {"load[0]", "load[1]", "load[2]", "after"}) scripts_[name] = Echo();
  const RunReport report = Run(kEach, {.run_id = "r1"});
  EXPECT_EQ(report.status, RunStatus::kSucceeded) << JsonText(ToJson(report));
  EXPECT_EQ(report.tasks[0].outcome.rows_out, 6);
  EXPECT_EQ(report.tasks[0].outcome.commits, 3);
  EXPECT_EQ(report.tasks[1].outcome.details["output"], R"(["BR","PT","AO"])");
  ASSERT_EQ(report.tasks.size(), 5U);
  EXPECT_EQ(report.tasks[3].name, "load[1]");
  EXPECT_EQ(report.tasks[3].item, "PT");
  const auto tasks = store_->Tasks("r1").value();
  ASSERT_EQ(tasks.size(), 5U);
  EXPECT_EQ(tasks[0].name, "load");
  EXPECT_EQ(tasks[0].status, TaskStatus::kDone);
  EXPECT_EQ(tasks[2].outcome["item"], "PT");
}

TEST_F(RunTest, OnlyItemsThatFailedAreDoneAgain) {
  for (const char* name : {"load[0]", "load[2]", "after"}) scripts_[name] = Echo();
  scripts_["load[1]"] = Echo("PT");
  const RunReport failed = Run(kEach, {.run_id = "r1"});
  EXPECT_EQ(failed.status, RunStatus::kFailed);
  EXPECT_EQ(failed.tasks[0].error->message(), "1 of the 3 items of the task 'load' failed: load[1]: no PT");
  EXPECT_EQ(failed.tasks[1].skipped_because, "'load' failed");
  scripts_["load[1]"] = Echo();
  const RunReport report = Run(kEach, {.run_id = "r2", .resume = true});
  EXPECT_EQ(report.status, RunStatus::kSucceeded);
  EXPECT_EQ(Ran(), "load[1] after ");
  EXPECT_EQ(report.tasks[1].outcome.details["output"], R"(["BR","PT","AO"])");
  EXPECT_EQ(report.tasks[2].reused_from, "r1");
}

TEST_F(RunTest, ItemsComeFromAQueryAndMayBeNone) {
  const std::string yaml =
      "vars: {year: 2018}\ntasks: [{name: a, type: t, for_each: {sql: 'select {{ vars.year }}'}}, "
      "{name: b, type: t, needs: a}]";
  std::string asked;
  RunOptions options{.run_id = "r1"};
  options.query = [&](const std::string& sql, const std::stop_token&) -> Result<Json> {
    asked = sql;
    return Json::array();
  };
  const RunReport report = Run(yaml, options);
  EXPECT_EQ(report.status, RunStatus::kSucceeded);
  EXPECT_EQ(report.tasks[0].status, TaskStatus::kNothing);
  EXPECT_EQ(asked, "select 2018");
  EXPECT_EQ(Ran(), "b ");
  options.query = [](const std::string&, const std::stop_token&) -> Result<Json> {
    return Fail(ErrorCode::kSqlCatalog, "no such table");
  };
  options.run_id = "r2";
  EXPECT_EQ(Run(yaml, options).tasks[0].error->message(), "no such table");
}

TEST_F(RunTest, AnExpressionThatGivesNoListFailsItsTask) {
  const RunReport report = Run("params: {x: 3}\ntasks: [{name: a, type: t, for_each: params.x}]");
  EXPECT_EQ(report.tasks[0].status, TaskStatus::kFailed);
  EXPECT_EQ(report.tasks[0].error->message(), "'for_each' gives 3, which is no list");
  EXPECT_EQ(report.tasks[0].error->line(), 3);
}

TEST_F(RunTest, AStopLeavesItemsForTheNextRun) {
  scripts_["load[0]"] = [this](const TaskContext& context) {
    stop_.request_stop();
    return UntilStopped(context);
  };
  const RunReport report = Run(std::string("concurrency: 1\n") + kEach, {.run_id = "r1"});
  EXPECT_EQ(report.status, RunStatus::kInterrupted);
  EXPECT_EQ(report.tasks[0].status, TaskStatus::kInterrupted);
  EXPECT_EQ(report.tasks[3].status, TaskStatus::kSkipped);
  EXPECT_EQ(Ran(), "load[0] ");
}

TEST_F(RunTest, TellsOfWhatIsLateAndGoesOn) {
  scripts_["slow"] = [](const TaskContext&) {
    SleepFor(60, {});
    return Done();
  };
  const RunReport report =
      Run("sla: 10h\ntasks: [{name: quick, type: t, sla: 10h}, {name: slow, type: t, sla: 5ms}]", {.run_id = "r1"});
  EXPECT_EQ(report.status, RunStatus::kSucceeded);
  ASSERT_EQ(report.sla_misses.size(), 1U);
  EXPECT_EQ(report.sla_misses[0].task, "slow");
  const auto misses = store_->SlaMisses("r1").value();
  ASSERT_EQ(misses.size(), 1U);
  EXPECT_EQ(misses[0].due_us, report.started_us + 5'000);
}

TEST_F(RunTest, KnowsWhatTasksDidThatWereRunBefore) {
  const Pipeline whole = Parse(
      "tasks: [{name: a, type: t, retries: {attempts: 3}}, "
      "{name: b, type: t, needs: a, when: tasks.a.output == 'x', with: {x: '{{ tasks.a.output }}'}}]");
  scripts_["a"] = [](const TaskContext&) -> Result<TaskOutcome> {
    TaskOutcome outcome;
    outcome.details["output"] = "x";
    return outcome;
  };
  scripts_["b"] = Echo();
  const auto run = [&](const std::string& task, std::int64_t at_us) {
    RunOptions options{.scheduled_us = at_us};
    options.known = OutcomesOf(whole, *store_, at_us).value();
    return RunPipeline(SelectTask(whole, task).value(), registry_, *store_, options, witness_, {}).value();
  };
  EXPECT_EQ(run("b", 7).tasks[0].status, TaskStatus::kSkipped);  // 'a' has not run for that instant
  run("a", 7);
  EXPECT_EQ(run("b", 8).tasks[0].status, TaskStatus::kSkipped);
  const RunReport report = run("b", 7);
  EXPECT_EQ(report.pipeline, "p.b");
  EXPECT_EQ(report.tasks[0].outcome.details["output"], "x");
  EXPECT_EQ(SelectTask(whole, "load").error().hint(), "its tasks are: a, b");
}

}  // namespace
}  // namespace smelt::pipeline
