#include "app/internal/terminal/report_view.h"

#include <gtest/gtest.h>

#include <sstream>

#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

using state::TaskStatus;

StepResult MakeStep(const std::string& name, const std::string& kind, StepStatus status, std::int64_t in = -1,
                    std::int64_t out = -1, std::int64_t bad = -1) {
  StepResult step;
  step.name = name;
  step.kind = kind;
  step.status = status;
  step.rows_in = in;
  step.rows_out = out;
  step.rows_quarantined = bad;
  step.seconds = 0.25;
  return step;
}

pipeline::TaskReport MakeTask(const std::string& name, TaskStatus status, std::vector<StepResult> steps) {
  pipeline::TaskReport task;
  task.name = name;
  task.status = status;
  task.attempts = status == TaskStatus::kSkipped ? 0 : 1;
  task.outcome.steps = std::move(steps);
  task.outcome.commits = 1;
  return task;
}

pipeline::RunReport MakeRun() {
  pipeline::RunReport report;
  report.run_id = "r1";
  report.pipeline = "daily";
  report.seconds = 3.1;
  StepResult suite = MakeStep("suite orders", "suite", StepStatus::kDone);
  suite.details["evaluated"] = 18;
  report.tasks = {MakeTask("bronze", TaskStatus::kDone,
                           {MakeStep("bronze.orders", "ingest", StepStatus::kDone, 99'441, 99'432, 9)}),
                  MakeTask("silver", TaskStatus::kDone,
                           {MakeStep("silver.orders", "model", StepStatus::kDone, 99'432, 99'432),
                            MakeStep("unique_orders", "test", StepStatus::kDone, 99'432)}),
                  MakeTask("quality", TaskStatus::kDone, {suite})};
  return report;
}

const Terminal kFile = {.size = {.columns = 90, .rows = 24}};

TEST(RenderOutcome, SumsUpTheRun) {
  EXPECT_EQ(RenderOutcome(MakeRun(), {}, kFile), R"(
daily succeeded in 3.10 s (run r1)
99,441 rows read, 9 quarantined, 2 tables written, 1 test and 18 checks hold
)");
}

TEST(RenderOutcome, TellsWhatTheRunTook) {
  pipeline::RunReport report = MakeRun();
  report.tasks[0].outcome.steps[0].usage = {.cpu_seconds = 1.5, .bytes_read = 2'000'000, .bytes_written = 1'000'000};
  report.tasks[1].outcome.steps[0].usage = {.cpu_seconds = 2.5, .bytes_read = 1'000'000, .bytes_written = 0};
  report.tasks[1].outcome.steps[1].usage = {.cpu_seconds = 0.01, .bytes_read = 0, .bytes_written = 0};
  const Terminal wide = {.size = {.columns = 200, .rows = 24}};
  const std::string without = RenderOutcome(report, {}, wide);
  const char* const all =
      "4.01 s of CPU, 3.0 MB read, 1.0 MB written; most by silver.orders 2.50 s, bronze.orders 1.50 s";
  EXPECT_NE(without.find(all), std::string::npos) << without;
  Prices prices;
  prices.currency = "EUR";
  prices.cpu_hour = 3.6;
  const std::string with = RenderOutcome(report, prices, wide);
  EXPECT_NE(with.find("(0.004010 EUR); most by"), std::string::npos) << with;
  EXPECT_NE(with.find("bronze.orders 1.50 s (0.001500 EUR)"), std::string::npos) << with;
  report.tasks[0].reused_from = "r0";
  EXPECT_NE(RenderOutcome(report, {}, kFile).find("2.51 s of CPU"), std::string::npos);
}

TEST(RenderOutcome, NamesTheTaskThatFailed) {
  pipeline::RunReport report = MakeRun();
  report.status = state::RunStatus::kFailed;
  report.resumed_from = "r0";
  report.tasks[0].reused_from = "r0";
  report.tasks[1] = MakeTask("silver", TaskStatus::kFailed,
                             {MakeStep("silver.orders", "model", StepStatus::kFailed),
                              MakeStep("silver.items", "model", StepStatus::kSkipped)});
  report.tasks[2] = MakeTask("quality", TaskStatus::kSkipped, {});
  EXPECT_EQ(RenderOutcome(report, {}, kFile), R"(
daily failed at 'silver' after 3.10 s (run r1, resumed from r0)
1 failed, 1 skipped
)");
}

TEST(RenderOutcome, AnInterruptedRunSaysThatNothingIsHalfWritten) {
  pipeline::RunReport report = MakeRun();
  report.status = state::RunStatus::kInterrupted;
  EXPECT_NE(RenderOutcome(report, {}, kFile).find("interrupted after 3.10 s"), std::string::npos);
  EXPECT_NE(RenderOutcome(report, {}, kFile).find("State safe"), std::string::npos);
}

/// The same run when nothing had changed.
pipeline::RunReport MakeIdleRun() {
  pipeline::RunReport report = MakeRun();
  for (pipeline::TaskReport& task : report.tasks) {
    task.status = TaskStatus::kNothing;
    task.outcome.commits = 0;
    for (StepResult& step : task.outcome.steps) step.status = StepStatus::kNothing;
  }
  return report;
}

TEST(RenderOutcome, SaysWhenThereWasNothingToDo) {
  const pipeline::RunReport report = MakeIdleRun();
  EXPECT_EQ(RenderOutcome(report, {}, kFile), "daily: nothing to do, everything is up to date (3.10 s)\n");
}

TEST(RenderOutcome, ACommandThatRanWasSomethingToDo) {
  pipeline::RunReport report = MakeIdleRun();
  report.tasks[1] = MakeTask("publish", TaskStatus::kDone, {});
  report.tasks[1].outcome.commits = 0;
  EXPECT_NE(RenderOutcome(report, {}, kFile).find("daily succeeded in 3.10 s (run r1)"), std::string::npos);
}

TEST(RenderOutcome, KeepsWarningWhenThereWasNothingToDo) {
  pipeline::RunReport report = MakeIdleRun();
  report.tasks[2].status = TaskStatus::kWarned;
  report.tasks[2].outcome.steps[0].status = StepStatus::kWarned;
  EXPECT_EQ(RenderOutcome(report, {}, kFile), "\ndaily: nothing to do, everything is up to date, 1 warning (3.10 s)\n");
}

TEST(RenderOutcome, AdmitsGapsInItsRecords) {
  pipeline::RunReport report = MakeRun();
  report.record_error = Error(ErrorCode::kStateDamaged, "no such table");
  EXPECT_NE(RenderOutcome(report, {}, kFile).find("records are incomplete: SMELT-STATE-0001: no such table"),
            std::string::npos);
}

TEST(RenderOutcome, FitsNarrowScreens) {
  pipeline::RunReport report = MakeRun();
  report.run_id = std::string(70, 'r');
  for (int width = 20; width <= 140; ++width) {
    Terminal terminal = kFile;
    terminal.size.columns = width;
    std::istringstream lines(RenderOutcome(report, {}, terminal));
    for (std::string line; std::getline(lines, line);) EXPECT_LT(DisplayWidth(line), width) << line;
  }
}

TEST(RenderOutcome, CountsStepsWithoutTasks) {
  EXPECT_EQ(RenderOutcome({MakeStep("silver.orders", "model", StepStatus::kDone, -1, 10),
                           MakeStep("silver.items", "model", StepStatus::kFailed),
                           MakeStep("gold.revenue", "model", StepStatus::kSkipped),
                           MakeStep("unique_orders", "test", StepStatus::kDone)},
                          1.5, kFile),
            "\n1 table written, 1 test holds, 1 failed, 1 skipped in 1.50 s\n");
  EXPECT_EQ(RenderOutcome({MakeStep("bronze.orders", "ingest", StepStatus::kNothing)}, 0.01, kFile),
            "nothing to do: 1 step up to date (0.01 s)\n");
  EXPECT_EQ(RenderOutcome(std::vector<StepResult>(), 0, kFile), "nothing to do (0.00 s)\n");
}

TEST(RenderFigures, TakesTwoColumnsWhereTheyFit) {
  const std::vector<Figure> figures = {{"revenue", "R$ 1,000.00"}, {"orders", "12"}, {"since", "–"}};
  EXPECT_EQ(RenderFigures(figures, kFile), R"(  revenue  R$ 1,000.00  since              –
  orders            12
)");
  Terminal narrow = kFile;
  narrow.size.columns = 44;
  EXPECT_EQ(RenderFigures(figures, narrow), R"(  revenue  R$ 1,000.00
  orders            12
  since              –
)");
}

TEST(RenderNext, ListsCommands) {
  EXPECT_EQ(RenderNext({"smelt sql", "smelt doctor"}, kFile), "\nNext:\n  smelt sql\n  smelt doctor\n");
  EXPECT_EQ(RenderNext({}, kFile), "");
}

}  // namespace
}  // namespace smelt::app
