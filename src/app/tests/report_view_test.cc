#include "app/internal/terminal/report_view.h"

#include <gtest/gtest.h>

#include <sstream>

#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

using state::TaskStatus;

StepResult MakeStep(const std::string& name, StepStatus status, std::int64_t in, std::int64_t out, std::int64_t bad,
                    const std::string& message = "") {
  StepResult step;
  step.name = name;
  step.status = status;
  step.rows_in = in;
  step.rows_out = out;
  step.rows_quarantined = bad;
  step.seconds = 0.25;
  step.message = message;
  return step;
}

pipeline::TaskReport MakeTask(const std::string& name, TaskStatus status, std::vector<StepResult> steps) {
  pipeline::TaskReport task;
  task.name = name;
  task.status = status;
  task.attempts = status == TaskStatus::kSkipped ? 0 : 1;
  task.seconds = 0.5;
  task.outcome.steps = std::move(steps);
  task.outcome.commits = 1;
  return task;
}

pipeline::RunReport MakeRun() {
  pipeline::RunReport report;
  report.run_id = "r1";
  report.pipeline = "daily";
  report.seconds = 3.1;
  report.tasks.push_back(
      MakeTask("inputs", TaskStatus::kDone, {MakeStep("inputs", StepStatus::kDone, -1, -1, -1, "9 files, 9 new")}));
  report.tasks.push_back(MakeTask("bronze", TaskStatus::kDone,
                                  {MakeStep("bronze.orders", StepStatus::kDone, 99'441, 99'432, 9),
                                   MakeStep("bronze.sellers", StepStatus::kNothing, -1, -1, -1)}));
  report.tasks[1].outcome.rows_in = 99'441;
  report.tasks[1].outcome.rows_out = 99'432;
  report.tasks[1].outcome.rows_quarantined = 9;
  report.tasks[1].attempts = 2;
  return report;
}

const Terminal kFile = {.size = {.columns = 90, .rows = 24}};

TEST(RenderReport, ShowsEveryStepWithItsRowsTimeAndVerdict) {
  EXPECT_EQ(RenderReport(MakeRun(), kFile), R"(step              rows in  rows out  quarantined    time  verdict
inputs                                            0.50 s  9 files, 9 new
bronze             99,441    99,432            9  0.50 s  ok (2 attempts)
  bronze.orders    99,441    99,432            9  0.25 s  ok
  bronze.sellers                                  0.25 s  up to date

daily succeeded in 3.10 s (run r1)
)");
}

TEST(RenderReport, TellsFailuresWithErrorAndHint) {
  pipeline::RunReport report = MakeRun();
  report.status = state::RunStatus::kFailed;
  report.resumed_from = "r0";
  report.tasks[0].reused_from = "r0";
  report.tasks[0].attempts = 0;
  report.tasks[1] = MakeTask("bronze", TaskStatus::kFailed,
                             {MakeStep("bronze.orders", StepStatus::kFailed, -1, -1, -1, "column price is missing")});
  report.tasks.push_back(MakeTask("silver", TaskStatus::kSkipped, {}));
  report.tasks.back().skipped_because = "'bronze' failed, and the reason is long";
  report.error = Error(ErrorCode::kPipelineGate, "the checks failed").Hint("repair the data");
  EXPECT_EQ(RenderReport(report, kFile), R"(step             rows in  rows out  quarantined    time  verdict
inputs                                                   done earlier
bronze                                           0.50 s  failed
  bronze.orders                                  0.25 s  failed
      column price is missing
silver                                                   skipped
    skipped: 'bronze' failed, and the reason is long

daily failed in 3.10 s (run r1), resumed from r0
SMELT-PIPE-0006: the checks failed
  hint: repair the data
)");
}

TEST(RenderReport, SaysWhenThereWasNothingToDo) {
  pipeline::RunReport report = MakeRun();
  for (pipeline::TaskReport& task : report.tasks) task.outcome.commits = 0;
  EXPECT_TRUE(RenderReport(report, kFile).ends_with("\ndaily: nothing to do, everything is up to date (3.10 s)\n"));
}

TEST(RenderReport, AdmitsGapsInItsRecords) {
  pipeline::RunReport report = MakeRun();
  report.record_error = Error(ErrorCode::kStateDamaged, "no such table");
  EXPECT_NE(RenderReport(report, kFile).find("records are incomplete: SMELT-STATE-0001: no such table"),
            std::string::npos);
}

TEST(RenderReport, FitsNarrowScreens) {
  pipeline::RunReport report = MakeRun();
  report.tasks[1].outcome.steps[0].name = std::string(70, 'n');
  for (int width = 72; width <= 140; ++width) {
    Terminal terminal = kFile;
    terminal.size.columns = width;
    std::istringstream lines(RenderReport(report, terminal));
    for (std::string line; std::getline(lines, line);) EXPECT_LT(DisplayWidth(line), width) << line;
  }
}

TEST(RenderSteps, CountsHowTheyEnded) {
  const std::vector<StepResult> steps = {MakeStep("silver.orders", StepStatus::kDone, -1, 10, -1),
                                         MakeStep("silver.items", StepStatus::kFailed, -1, -1, -1, "no such column"),
                                         MakeStep("gold.revenue", StepStatus::kSkipped, -1, -1, -1)};
  EXPECT_EQ(RenderSteps(steps, 1.5, kFile), R"(step           rows in  rows out  quarantined    time  verdict
silver.orders                 10               0.25 s  ok
silver.items                                   0.25 s  failed
    no such column
gold.revenue                                           skipped

1 done, 1 failed, 1 skipped in 1.50 s
)");
  EXPECT_EQ(RenderSteps({}, 0, kFile), "nothing to do\n");
}

TEST(RenderNext, ListsCommands) {
  EXPECT_EQ(RenderNext({"smelt sql", "smelt doctor"}, kFile), "Next:\n  smelt sql\n  smelt doctor\n");
  EXPECT_EQ(RenderNext({}, kFile), "");
}

}  // namespace
}  // namespace smelt::app
