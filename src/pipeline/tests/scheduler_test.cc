#include "pipeline/scheduler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/retry.h"
#include "state/tests/child_process.h"
#include "state/tests/scratch_folder.h"

namespace smelt::pipeline {
namespace {

using state::RunRecord;
using state::RunStatus;

class Silent : public PipelineObserver {
 public:
  void StepStarted(std::string_view, std::string_view) override {}
  void StepProgress(std::string_view, std::int64_t, std::int64_t, std::string_view) override {}
  void StepFinished(const StepResult&) override {}
  void RunStarted(std::string_view, const Pipeline&, std::string_view) override {}
  void TaskStarted(std::string_view, std::string_view, int) override {}
  void TaskRetrying(std::string_view, int, std::int64_t, const Error&) override {}
  void TaskFinished(const TaskReport&) override {}
  void RunFinished(const RunReport&) override {}
};

/// Notes what the scheduler says, and lets a test wait for it.
class SchedulerWitness : public SchedulerObserver {
 public:
  void Leading(std::size_t) override { Add("leading"); }
  void StandingBy(std::string_view) override { Add("standing by"); }
  void DefinitionRefused(const Error& error) override { Add("refused " + error.message()); }
  void RunQueued(const RunRecord& run) override { Add("queued " + run.pipeline); }
  void RunStarted(const RunRecord& run) override { Add("started " + run.pipeline); }
  void RunEnded(const RunRecord& run, const Result<RunReport>& report) override {
    Add(run.pipeline + " " + (report ? std::string(state::RunStatusText(report->status)) : report.error().message()));
  }
  void Trouble(const Error& error) override { Add("trouble " + error.message()); }

  /// Whether the event comes `times` times within half a minute.
  bool Await(const std::string& event, std::size_t times = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30),
                             [&] { return static_cast<std::size_t>(std::ranges::count(events_, event)) >= times; });
  }
  std::size_t Count(const std::string& event) {
    const std::lock_guard guard(mutex_);
    return static_cast<std::size_t>(std::ranges::count(events_, event));
  }

 private:
  void Add(std::string event) {
    const std::lock_guard guard(mutex_);
    events_.push_back(std::move(event));
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> events_;
};

class SchedulerTest : public testing::Test {
 protected:
  SchedulerTest() {
    Open();
    EXPECT_TRUE(CreateFolders(folder_ / "pipelines"));
    options_.folder = folder_ / "pipelines";
    options_.project_dir = folder_ / "";
    options_.lease_ms = 600;
    registry_.Add(
        {.name = "t", .summary = "scripted", .settings = {{.name = "x"}}, .run = [this](const TaskContext& context) {
           return work_(context);
         }});
    run_ = [this](const Pipeline& pipeline, const RunOptions& options, const std::stop_token& stop) {
      Silent observer;
      return RunPipeline(pipeline, registry_, *runs_, options, observer, stop);
    };
  }
  ~SchedulerTest() override { Stop(); }

  void Open() {
    runs_ = std::move(state::RunStore::Open(folder_ / "state.db").value());
    store_.emplace(*runs_);
  }
  void Define(const std::string& name, const std::string& yaml) {
    ASSERT_TRUE(WriteWholeFile(folder_ / ("pipelines/" + name + ".yml"), "name: " + name + "\n" + yaml + "\n"));
  }
  void Start() {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      const Status ended = RunScheduler(*store_, options_, run_, witness_, stop);
      EXPECT_TRUE(ended) << ended.error().ToString();
    });
    ASSERT_TRUE(witness_.Await("leading"));
  }
  void Stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
  }

  const state::ScratchFolder folder_;
  std::unique_ptr<state::RunStore> runs_;
  std::optional<state::ScheduleStore> store_;
  TaskRegistry registry_;
  std::function<Result<TaskOutcome>(const TaskContext&)> work_ = [](const TaskContext&) { return TaskOutcome{}; };
  SchedulerOptions options_;
  RunFunction run_;
  SchedulerWitness witness_;
  std::jthread thread_;
};

Result<TaskOutcome> UntilAskedToStop(const TaskContext& context) {
  EXPECT_FALSE(SleepFor(30'000, context.stop)) << "nobody stopped the task";
  return Fail(ErrorCode::kCancelled, "stopped");
}

const char* const kOneTask = "tasks: [{name: a, type: t}]";

TEST_F(SchedulerTest, RunsWhatIsDueOnceAnInstant) {
  Define("often", std::string("every: 200ms\n") + kOneTask);
  Define("never", std::string("schedule: '0 0 1 1 *'\n") + kOneTask);
  Start();
  EXPECT_TRUE(witness_.Await("often succeeded", 3));
  Stop();
  EXPECT_EQ(witness_.Count("started never"), 0U);
  const auto runs = runs_->ListRuns({.pipeline = "often"}).value();
  for (std::size_t i = 0; i + 1 < runs.size(); ++i) {
    EXPECT_GT(runs[i].scheduled_us, runs[i + 1].scheduled_us);
    EXPECT_EQ(runs[i].scheduled_us % 200'000, 0);
    EXPECT_EQ(runs[i].triggered_by, "schedule");
    EXPECT_FALSE(runs[i].definition.empty());
  }
}

TEST_F(SchedulerTest, CatchesUpWithMoreThanTheQueueHolds) {
  Define("p", std::string("every: 1h\ncatchup: true\nstart: 2018-05-24\nend: 2018-05-27\n") + kOneTask);
  Start();
  EXPECT_TRUE(witness_.Await("p succeeded", 72));
  Stop();
  EXPECT_EQ(runs_->ListRuns({.pipeline = "p", .limit = 100}).value().size(), 72U);
}

TEST_F(SchedulerTest, GoesOnWithADeadRunWhereItStoodAndAsItWasDefined) {
  Define("p",
         "every: 24h\ncatchup: true\nstart: 2018-05-24\nend: 2018-05-25\n"
         "tasks: [{name: a, type: t}, {name: b, type: t, needs: a}]");
  store_.reset();
  runs_.reset();  // a connection does not live on in a child
  state::ChildProcess child([this] {
    Open();
    static std::promise<void> reached;
    work_ = [](const TaskContext& context) -> Result<TaskOutcome> {
      if (context.task == "b") {
        reached.set_value();
        while (true) pause();
      }
      return TaskOutcome{};
    };
    static std::jthread scheduler([this] { static_cast<void>(RunScheduler(*store_, options_, run_, witness_, {})); });
    return reached.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready;
  });
  ASSERT_TRUE(child.ok());
  child.Kill();
  Open();
  // Edited meanwhile; nothing else is due of it.
  Define("p", "every: 24h\nstart: 2018-05-24\nend: 2018-05-25\ntasks: [{name: other, type: t}]");
  std::vector<std::string> ran;
  work_ = [&ran](const TaskContext& context) {
    ran.push_back(context.task);
    return TaskOutcome{};
  };
  Start();
  EXPECT_TRUE(witness_.Await("p succeeded"));
  Stop();
  EXPECT_EQ(ran, std::vector<std::string>{"b"});
}

TEST_F(SchedulerTest, DrainsAndLeavesTheRestToTheNext) {
  std::vector<std::string> ran;
  std::mutex mutex;
  work_ = [&](const TaskContext& context) -> Result<TaskOutcome> {
    {
      const std::lock_guard guard(mutex);
      ran.push_back(context.task);
    }
    if (context.task == "a") thread_.request_stop();
    SleepFor(50, context.stop);
    return TaskOutcome{};
  };
  Define("p",
         "every: 24h\ncatchup: true\nstart: 2018-05-24\nend: 2018-05-25\n"
         "tasks: [{name: a, type: t}, {name: b, type: t, needs: a}]");
  Start();
  EXPECT_TRUE(witness_.Await("p interrupted"));
  Stop();
  EXPECT_EQ(ran, std::vector<std::string>{"a"});
  work_ = [&](const TaskContext& context) -> Result<TaskOutcome> {
    const std::lock_guard guard(mutex);
    ran.push_back(context.task);
    return TaskOutcome{};
  };
  Define("p", "tasks: [{name: other, type: t}]");  // a run keeps its definition
  Start();
  EXPECT_TRUE(witness_.Await("p succeeded"));
  Stop();
  EXPECT_EQ(ran, (std::vector<std::string>{"a", "b"}));
}

TEST_F(SchedulerTest, WhoCannotWaitStopsTheRunsAndTheNextGoesOn) {
  std::stop_source at_once;
  options_.at_once = at_once.get_token();
  work_ = [&](const TaskContext& context) -> Result<TaskOutcome> {
    thread_.request_stop();
    at_once.request_stop();
    return UntilAskedToStop(context);
  };
  Define("p", std::string("every: 24h\ncatchup: true\nstart: 2018-05-24\nend: 2018-05-25\n") + kOneTask);
  Start();
  EXPECT_TRUE(witness_.Await("p interrupted"));
  Stop();
  options_.at_once = {};
  work_ = [](const TaskContext&) { return TaskOutcome{}; };
  Start();
  EXPECT_TRUE(witness_.Await("p succeeded"));
}

TEST_F(SchedulerTest, ARunAtWorkIsCancelledForGood) {
  work_ = [&](const TaskContext& context) -> Result<TaskOutcome> {
    EXPECT_TRUE(store_->Cancel(context.run_id, "anna").value());
    return UntilAskedToStop(context);
  };
  Define("p",
         "every: 24h\ncatchup: true\nstart: 2018-05-24\nend: 2018-05-25\n"
         "tasks: [{name: a, type: t}, {name: b, type: t, needs: a}]");
  Start();
  EXPECT_TRUE(witness_.Await("p cancelled"));
  Stop();
  const auto runs = runs_->ListRuns({}).value();
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].status, RunStatus::kCancelled);
  EXPECT_NE(runs[0].error.find("the run was cancelled"), std::string::npos) << runs[0].error;
  const auto tasks = runs_->Tasks(runs[0].id).value();
  EXPECT_EQ(tasks[0].status, state::TaskStatus::kInterrupted);
  EXPECT_EQ(tasks[1].status, state::TaskStatus::kSkipped);
  EXPECT_TRUE(store_->Orphans().value().empty());
}

TEST_F(SchedulerTest, ASecondSchedulerStandsByAndTakesOver) {
  Define("p", std::string("every: 200ms\n") + kOneTask);
  Start();
  EXPECT_TRUE(witness_.Await("p succeeded"));
  SchedulerWitness second;
  std::jthread other([&](const std::stop_token& stop) {
    auto runs = state::RunStore::Open(folder_ / "state.db").value();
    state::ScheduleStore store(*runs);
    EXPECT_TRUE(RunScheduler(store, options_, run_, second, stop));
  });
  EXPECT_TRUE(second.Await("standing by"));
  EXPECT_EQ(second.Count("leading"), 0U);
  Stop();
  EXPECT_TRUE(second.Await("leading"));
  EXPECT_TRUE(second.Await("p succeeded", 2));
}

TEST_F(SchedulerTest, FilesTablesAndEndsOfPipelinesBeginRuns) {
  options_.log_of = [this](const std::string& table) { return folder_ / ("lake/" + table); };
  Define("landed", std::string("on: [{file: landing/*.csv}]\n") + kOneTask);
  Define("committed", std::string("on: [{table: bronze.orders}]\n") + kOneTask);
  Define("after", std::string("on: [{pipeline: landed}]\n") + kOneTask);
  Define("alarm", std::string("on: [{pipeline: landed, status: failure}]\n") + kOneTask);
  ASSERT_TRUE(WriteWholeFile(folder_ / "landing/old.csv", "1"));
  Start();
  ASSERT_TRUE(WriteWholeFile(folder_ / "landing/note.txt", "1"));
  ASSERT_TRUE(WriteWholeFile(folder_ / "landing/new.csv", "1"));
  EXPECT_TRUE(witness_.Await("landed succeeded"));
  EXPECT_TRUE(witness_.Await("after succeeded"));
  EXPECT_EQ(witness_.Count("started committed"), 0U);
  ASSERT_TRUE(WriteWholeFile(folder_ / "lake/bronze.orders/00000000000000000000.json", "{}"));
  EXPECT_TRUE(witness_.Await("committed succeeded"));
  Stop();
  EXPECT_EQ(witness_.Count("started landed"), 1U);
  EXPECT_EQ(witness_.Count("started alarm"), 0U);
}

TEST_F(SchedulerTest, AMistakeLeavesTheLastGoodDefinitionInForce) {
  Define("p", std::string("every: 200ms\n") + kOneTask);
  Start();
  Define("p", "every: soon\n");
  EXPECT_TRUE(witness_.Await("p succeeded", 2));
  Define("q", std::string("every: 200ms\n") + kOneTask);
  EXPECT_TRUE(witness_.Await("q succeeded", 1));
  const std::size_t before = witness_.Count("p succeeded");
  EXPECT_TRUE(witness_.Await("p succeeded", before + 1));
}

TEST_F(SchedulerTest, PausesAndRequests) {
  Define("p", std::string("every: 200ms\n") + kOneTask);
  ASSERT_TRUE(store_->SetPaused("p", true));
  Start();
  RunRecord run;
  run.id = "asked";
  run.pipeline = "p";
  run.triggered_by = "request";
  ASSERT_TRUE(store_->Enqueue({.run = run}, nullptr));
  EXPECT_TRUE(witness_.Await("p succeeded"));
  EXPECT_EQ(runs_->ListRuns({.pipeline = "p"}).value().size(), 1U);
  ASSERT_TRUE(store_->SetPaused("p", false));
  EXPECT_TRUE(witness_.Await("p succeeded", 3));
}

}  // namespace
}  // namespace smelt::pipeline
