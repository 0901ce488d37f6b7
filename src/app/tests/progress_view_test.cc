#include "app/internal/terminal/progress_view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "app/internal/terminal/text.h"
#include "app/tests/screen.h"

namespace smelt::app {
namespace {

using state::TaskStatus;

StepResult SeenStep(const std::string& name, StepStatus status, std::int64_t rows, double seconds,
                    const std::string& message = "") {
  StepResult step;
  step.name = name;
  step.kind = "model";
  step.status = status;
  step.rows_out = rows;
  step.seconds = seconds;
  step.message = message;
  return step;
}

pipeline::TaskReport MakeReport(const std::string& name, TaskStatus status, double seconds,
                                std::vector<StepResult> steps = {}) {
  pipeline::TaskReport report;
  report.name = name;
  report.type = "build";
  report.status = status;
  report.attempts = status == TaskStatus::kSkipped ? 0 : 1;
  report.seconds = seconds;
  report.outcome.steps = std::move(steps);
  return report;
}

class ProgressTest : public testing::Test {
 protected:
  ProgressOptions Options(ProgressStyle style) {
    ProgressOptions options;
    options.style = style;
    options.terminal = {.interactive = style == ProgressStyle::kLive, .unicode = true, .size = size_};
    options.write = [this](std::string_view text) {
      screen_.Write(text);
      raw_ += text;
    };
    options.screen_size = [this] { return size_; };
    options.clock = [this] { return now_; };
    options.animate = false;
    return options;
  }

  static pipeline::Pipeline Daily() {
    auto pipeline = pipeline::ParsePipeline(R"(
name: daily
tasks:
  - {name: bronze, type: ingest}
  - {name: silver, type: build, needs: bronze}
  - {name: gold, type: build, needs: silver}
)",
                                            "daily.yml");
    EXPECT_TRUE(pipeline);
    return std::move(*pipeline);
  }

  ScreenSize size_{.columns = 60, .rows = 24};
  double now_ = 100;
  Screen screen_;
  std::string raw_;
};

TEST_F(ProgressTest, ATreeFillsInPlace) {
  ProgressView view(Options(ProgressStyle::kLive));
  view.RunStarted("r1", Daily(), "");
  view.TaskStarted("bronze", "ingest", 1);
  RunObserver& steps = view.StepsOf("bronze");
  steps.StepStarted("bronze.orders", "ingest");
  now_ += 0.5;
  steps.StepProgress("bronze.orders", 50, 100, "bytes");
  view.Draw();
  EXPECT_EQ(screen_.Text(), R"(   step                        rows out     time  verdict
 ⠦ bronze                                 0.50 s
   ⠦ orders                        50 %   0.50 s  100 B/s
 ○ silver                                      after bronze
 ○ gold                                        after silver
)");
  EXPECT_FALSE(screen_.cursor_visible());

  const StepResult orders = SeenStep("bronze.orders", StepStatus::kDone, 99'441, 0.75);
  steps.StepFinished(orders);
  now_ += 0.25;
  view.Draw();
  EXPECT_EQ(screen_.Text(), R"(   step                        rows out     time  verdict
 ⠏ bronze                                 0.75 s
   ✔ orders                      99,441   0.75 s  ok
 ○ silver                                      after bronze
 ○ gold                                        after silver
)");

  pipeline::TaskReport bronze = MakeReport("bronze", TaskStatus::kDone, 0.8, {orders});
  bronze.outcome.commits = 1;
  view.TaskFinished(bronze);
  view.TaskFinished(MakeReport("silver", TaskStatus::kNothing, 0.01));
  view.TaskStarted("gold", "build", 1);
  view.Draw();
  EXPECT_EQ(screen_.Text(), R"(   step                        rows out     time  verdict
 ✔ bronze                        99,441   0.80 s  ok
   ✔ orders                      99,441   0.75 s  ok
 = 1 task up to date
 ⠋ gold                                   0.00 s
)");

  view.TaskFinished(MakeReport("gold", TaskStatus::kWarned, 2));
  view.Stop();
  EXPECT_TRUE(screen_.Text().ends_with(R"( = silver                                        up to date
 ▲ gold                                   2.00 s  warning
)")) << screen_.Text();
  EXPECT_TRUE(screen_.cursor_visible());
  const int writes = screen_.writes();
  view.Draw();
  view.Stop();
  EXPECT_EQ(screen_.writes(), writes);
}

TEST_F(ProgressTest, FailuresExpandWithErrorAndHint) {
  ProgressView view(Options(ProgressStyle::kLive));
  view.RunStarted("r1", Daily(), "");
  pipeline::TaskReport failed = MakeReport("bronze", TaskStatus::kFailed, 0.1);
  failed.error = Error(ErrorCode::kStoreNotFound, "there is no file olist_orders_dataset.csv in landing")
                     .Hint("pass --data DIR with the nine files");
  view.TaskFinished(failed);
  pipeline::TaskReport skipped = MakeReport("silver", TaskStatus::kSkipped, 0);
  skipped.skipped_because = "'bronze' failed";
  view.TaskFinished(skipped);
  view.Draw();
  EXPECT_EQ(screen_.Text(), R"(   step                        rows out     time  verdict
 ✖ bronze                                 0.10 s  failed
   SMELT-STORE-0001: there is no file
   olist_orders_dataset.csv in landing
     hint: pass --data DIR with the nine files
 ○ silver                          skipped: 'bronze' failed
 ○ gold                                        after silver
)");
}

TEST_F(ProgressTest, AGateThatItsStepsExplainedIsNotExplainedTwice) {
  ProgressView view(Options(ProgressStyle::kLive));
  view.RunStarted("r1", Daily(), "");
  pipeline::TaskReport failed = MakeReport("bronze", TaskStatus::kFailed, 0.1,
                                           {SeenStep("orders", StepStatus::kFailed, -1, 0.1, "3 of 9 failed")});
  failed.error = Error(ErrorCode::kPipelineGate, "the checks failed: orders: 3 of 9 failed").Hint("repair the data");
  view.TaskFinished(failed);
  view.Draw();
  EXPECT_TRUE(screen_.Text().ends_with(R"( ✖ bronze                                 0.10 s  failed
   ✖ orders                               0.10 s  failed
       3 of 9 failed
   hint: repair the data
 ○ silver                                      after bronze
 ○ gold                                        after silver
)")) << screen_.Text();
}

TEST_F(ProgressTest, RetriesCountDown) {
  ProgressView view(Options(ProgressStyle::kLive));
  view.RunStarted("r1", Daily(), "");
  view.TaskStarted("bronze", "ingest", 1);
  view.TaskRetrying("bronze", 2, 4'000, Error(ErrorCode::kStoreIo, "connection reset"));
  now_ += 1.5;
  view.Draw();
  EXPECT_NE(screen_.Text().find(R"( ○ bronze                                  attempt 2 in 3 s
   connection reset
)"),
            std::string::npos)
      << screen_.Text();
  view.TaskStarted("bronze", "ingest", 2);
  view.Draw();
  EXPECT_NE(screen_.Text().find(" ⠋ bronze                     attempt 2   0.00 s\n"), std::string::npos)
      << screen_.Text();
}

TEST_F(ProgressTest, FinishedTasksKeepTheOrderOfThePipeline) {
  ProgressView view(Options(ProgressStyle::kLive));
  view.RunStarted("r1", Daily(), "");
  view.TaskStarted("bronze", "ingest", 1);
  view.TaskFinished(MakeReport("silver", TaskStatus::kWarned, 1));
  view.Draw();
  view.TaskFinished(MakeReport("bronze", TaskStatus::kWarned, 2));
  view.Draw();
  const std::string text = screen_.Text();
  EXPECT_LT(text.find("▲ bronze"), text.find("▲ silver"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 4) << text;
}

TEST_F(ProgressTest, StepsMayStandAlone) {
  ProgressView view(Options(ProgressStyle::kLive));
  view.StepStarted("bronze.orders", "ingest");
  view.StepStarted("bronze.items", "ingest");
  view.StepProgress("bronze.items", 1'500, 0, "rows");
  now_ += 0.5;
  StepResult items = SeenStep("bronze.items", StepStatus::kDone, 2'000, 0.5);
  items.rows_quarantined = 3;
  view.Draw();
  view.StepFinished(items);
  view.Draw();
  EXPECT_EQ(screen_.Text(), R"(   step                        rows out     time  verdict
 ✔ bronze.items                   2,000   0.50 s  ok
     3 rows quarantined
 ⠦ bronze.orders                          0.50 s
)");
}

TEST_F(ProgressTest, StaysWithinTheScreen) {
  size_.rows = 7;
  ProgressView view(Options(ProgressStyle::kLive));
  std::string yaml = "name: p\ntasks:\n";
  for (int i = 0; i < 9; ++i) yaml += "  - {name: t" + std::to_string(i) + ", type: t}\n";
  view.RunStarted("r1", *pipeline::ParsePipeline(yaml, "p.yml"), "");
  view.TaskStarted("t0", "t", 1);
  for (int i = 0; i < 20; ++i) view.StepsOf("t0").StepFinished(SeenStep("s", StepStatus::kDone, 1, 0.1));
  view.StepsOf("t0").StepStarted("running step", "model");
  view.Draw();
  const std::string text = screen_.Text();
  EXPECT_EQ(std::ranges::count(text, '\n'), 6) << text;
  EXPECT_NE(text.find("running step"), std::string::npos) << text;
  EXPECT_NE(text.find("5 more to come"), std::string::npos) << text;
}

TEST_F(ProgressTest, GoesUpFurtherWhenTheWindowBecameNarrower) {
  ProgressView view(Options(ProgressStyle::kLive));
  view.StepStarted("bronze.orders", "ingest");
  view.Draw();
  size_.columns = 25;
  raw_.clear();
  view.Draw();
  EXPECT_TRUE(raw_.starts_with("\r\x1b[5A")) << raw_.substr(1, 4);  // 57 and 48 columns take five rows of 25
}

TEST_F(ProgressTest, LinesFitEveryWidth) {
  for (const bool color : {false, true}) {
    for (int width = 10; width < 150; ++width) {
      const Look look{.width = width, .color = color};
      ProgressLine line{.name = "silver.a_name_of_some_length_日本語", .verdicts = {"ok, 1,000,000 tests"}};
      line.counts = {1'000'163, 12'345'678'901'234, 0};
      line.time = "1 m 07 s";
      EXPECT_LT(DisplayWidth(DrawLine(line, look)), std::max(width, 8)) << width;
      EXPECT_LT(DisplayWidth(DrawHeader(look)), std::max(width, 8)) << width;
      const ProgressLine waiting{.name = line.name, .note = "skipped: because of something that takes long to tell"};
      EXPECT_LT(DisplayWidth(DrawLine(waiting, look)), std::max(width, 8)) << width;
    }
  }
}

TEST_F(ProgressTest, ColourOnlyWhereWanted) {
  ProgressOptions options = Options(ProgressStyle::kLive);
  options.terminal.color = true;
  {
    ProgressView view(options);
    view.StepFinished(SeenStep("gold.daily_revenue", StepStatus::kDone, 1, 0.1));
    view.Draw();
  }
  EXPECT_NE(raw_.find("\x1b[32m"), std::string::npos);
  raw_.clear();
  options.terminal.color = false;
  ProgressView view(options);
  view.StepFinished(SeenStep("gold.daily_revenue", StepStatus::kDone, 1, 0.1));
  view.Draw();
  EXPECT_EQ(raw_.find("\x1b[32m"), std::string::npos);
}

TEST_F(ProgressTest, HostileNamesDoNotReachTheTerminal) {
  ProgressView view(Options(ProgressStyle::kLive));
  view.StepFinished(SeenStep("evil\x1b[2J\nname", StepStatus::kFailed, -1, 0.1, "bad\x1b]0;title\x07"));
  view.Draw();
  EXPECT_EQ(raw_.find("\x1b[2J"), std::string::npos);
  EXPECT_EQ(raw_.find("\x1b]0"), std::string::npos);
  EXPECT_NE(screen_.Text().find("evil\\x1b[2J\\nname"), std::string::npos) << screen_.Text();
}

TEST_F(ProgressTest, PlainLinesElsewhere) {
  ProgressView view(Options(ProgressStyle::kPlain));
  view.RunStarted("r1", Daily(), "");
  view.TaskStarted("bronze", "ingest", 1);
  const StepResult orders = SeenStep("bronze.orders", StepStatus::kDone, 99'441, 0.5);
  view.StepsOf("bronze").StepFinished(orders);
  view.TaskRetrying("bronze", 2, 1'000, Error(ErrorCode::kStoreIo, "connection reset"));
  view.TaskStarted("bronze", "ingest", 2);
  view.TaskFinished(MakeReport("bronze", TaskStatus::kDone, 0.8, {orders}));
  view.Stop();
  EXPECT_EQ(raw_, R"( ○ bronze                               attempt 2 in 1.00 s
   SMELT-STORE-0004: connection reset
   step                        rows out     time  verdict
 ✔ bronze                        99,441   0.80 s  ok
   ✔ orders                      99,441   0.50 s  ok
)");
}

TEST_F(ProgressTest, ARunThatFoundNothingToDoLeavesNoLines) {
  for (const ProgressStyle style : {ProgressStyle::kPlain, ProgressStyle::kLive}) {
    ProgressView view(Options(style));
    view.RunStarted("r1", Daily(), "");
    for (const char* task : {"bronze", "silver", "gold"}) {
      view.TaskStarted(task, "build", 1);
      view.TaskFinished(MakeReport(task, TaskStatus::kNothing, 0.01));
      view.Draw();
    }
    view.Stop();
    EXPECT_EQ(screen_.Text(), "");
  }
}

TEST_F(ProgressTest, JsonIsOneObjectPerLineAndNothingElse) {
  ProgressView view(Options(ProgressStyle::kJson));
  view.RunStarted("r1", Daily(), "r0");
  view.TaskStarted("bronze", "ingest", 1);
  view.StepsOf("bronze").StepStarted("bronze.orders", "ingest");
  view.StepsOf("bronze").StepProgress("bronze.orders", 1, 2, "bytes");
  view.StepsOf("bronze").StepFinished(SeenStep("bronze.orders", StepStatus::kDone, 7, 0.5));
  view.TaskRetrying("bronze", 2, 1'000, Error(ErrorCode::kStoreIo, "caf\xc3"));
  view.TaskFinished(MakeReport("bronze", TaskStatus::kDone, 0.8));
  pipeline::RunReport report;
  report.run_id = "r1";
  view.RunFinished(report);
  view.Stop();
  std::vector<std::string> events;
  std::istringstream lines(raw_);
  for (std::string line; std::getline(lines, line);) events.push_back(Json::parse(line).at("event"));
  EXPECT_EQ(events, (std::vector<std::string>{"run_started", "task_started", "step_started", "step_finished",
                                              "task_retrying", "task_finished", "run_finished"}));
}

TEST_F(ProgressTest, TheAnimationStartsAndStops) {
  ProgressOptions options = Options(ProgressStyle::kLive);
  options.animate = true;
  ProgressView view(std::move(options));
  view.StepStarted("bronze.orders", "ingest");
  view.StepFinished(SeenStep("bronze.orders", StepStatus::kDone, 1, 0.1));
  view.Stop();
  EXPECT_NE(screen_.Text().find("\n ✔ bronze.orders"), std::string::npos) << screen_.Text();
}

TEST_F(ProgressTest, ATaskThatWaitsForApprovalSaysWhatToAnswer) {
  const auto pipeline = pipeline::ParsePipeline(R"(
name: release
params: {day: {type: date, default: 2018-05-24}}
tasks:
  - {name: publish, type: approval, with: {message: "Publish the prices of May?"}}
  - {name: again, type: approval, with: {message: "And {{ params.day }}?"}}
)",
                                                "release.yml");
  ASSERT_TRUE(pipeline) << pipeline.error().ToString();
  size_.columns = 80;
  for (const ProgressStyle style : {ProgressStyle::kLive, ProgressStyle::kPlain}) {
    raw_.clear();
    ProgressView view(Options(style));
    view.RunStarted("0192f0c1", *pipeline, "");
    view.TaskStarted("publish", "approval", 1);
    view.Draw();
    for (const char* part :
         {"waits for approval", "Publish the prices of May?", "smelt pipeline approve 0192f0c1 publish"}) {
      EXPECT_NE(raw_.find(part), std::string::npos) << part << "\n" << raw_;
    }
    view.TaskStarted("again", "approval", 1);
    view.Draw();
    EXPECT_NE(raw_.find("smelt pipeline approve 0192f0c1 again"), std::string::npos) << raw_;
    EXPECT_EQ(raw_.find("params.day"), std::string::npos) << "a template as it is written says nothing";
  }
}

}  // namespace
}  // namespace smelt::app
