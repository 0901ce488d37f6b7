#include "app/internal/terminal/folded_steps.h"

#include <gtest/gtest.h>

#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

StepResult FoldableStep(const std::string& name, const std::string& kind, StepStatus status, std::int64_t out = -1) {
  StepResult step;
  step.name = name;
  step.kind = kind;
  step.status = status;
  step.rows_out = out;
  step.seconds = 0.25;
  return step;
}

StepResult MakeTest(const std::string& name, const std::string& table, StepStatus status) {
  StepResult test = FoldableStep(name, "test", status);
  if (!table.empty()) test.details["table"] = table;
  if (status == StepStatus::kFailed) test.message = "3 failing rows";
  return test;
}

std::string Draw(const FoldedStep& step, int width = 110) {
  std::string text;
  for (const std::string& line : DrawStep(step, 0, "gold", {.width = width})) text += line + "\n";
  return text;
}

TEST(FoldSteps, TestsJoinTheirTable) {
  const FoldedSteps folded = FoldSteps(
      {FoldableStep("gold.a", "model", StepStatus::kDone, 5), MakeTest("unique_a", "gold.a", StepStatus::kDone),
       MakeTest("not_null_a", "gold.a", StepStatus::kNothing), MakeTest("sums", "", StepStatus::kDone)});
  ASSERT_EQ(folded.rows.size(), 1U);
  EXPECT_EQ(folded.rows[0].tests_held, 2);
  EXPECT_EQ(folded.tests_held, 3);
  EXPECT_EQ(folded.counts[1], 5);
  EXPECT_DOUBLE_EQ(folded.rows[0].step.seconds, 0.75);
  EXPECT_NE(Draw(folded.rows[0]).find("✔ gold.a"), std::string::npos);
  EXPECT_NE(Draw(folded.rows[0]).find("ok, 2 tests"), std::string::npos);
}

TEST(FoldSteps, BrokenTestsAreSpelledOut) {
  const FoldedSteps folded = FoldSteps({FoldableStep("gold.a", "model", StepStatus::kDone, 5),
                                        MakeTest("unique_a", "gold.a", StepStatus::kFailed),
                                        MakeTest("not_null_a", "gold.a", StepStatus::kDone)});
  const std::string text = Draw(folded.rows.at(0));
  EXPECT_NE(text.find("✖ gold.a"), std::string::npos) << text;
  EXPECT_NE(text.find("1 of 2 failed"), std::string::npos) << text;
  EXPECT_NE(text.find("\n     unique_a: 3 failing rows\n"), std::string::npos) << text;
}

TEST(FoldSteps, WarningsAreNotCalledFailures) {
  const FoldedSteps folded = FoldSteps({FoldableStep("gold.a", "model", StepStatus::kDone, 5),
                                        MakeTest("unique_a", "gold.a", StepStatus::kWarned),
                                        MakeTest("not_null_a", "gold.a", StepStatus::kDone)});
  const std::string text = Draw(folded.rows.at(0));
  EXPECT_NE(text.find("1 of 2 warned"), std::string::npos) << text;
  EXPECT_EQ(text.find("failed"), std::string::npos) << text;
}

TEST(FoldSteps, ATableThatNoStepWroteGetsARowOfItsOwn) {
  const FoldedSteps folded =
      FoldSteps({MakeTest("unique_a", "silver.a", StepStatus::kDone), MakeTest("sums", "", StepStatus::kFailed)});
  ASSERT_EQ(folded.rows.size(), 2U);
  EXPECT_EQ(folded.rows[0].step.name, "silver.a");
  EXPECT_EQ(folded.rows[1].step.name, "sums");
  EXPECT_EQ(folded.counts, kNoCounts);
}

TEST(FoldSteps, SuitesThatHoldAreCountedOnly) {
  StepResult suite = FoldableStep("suite a", "suite", StepStatus::kDone);
  suite.details["evaluated"] = 11;
  const FoldedSteps folded = FoldSteps({suite, suite, FoldableStep("suite b", "suite", StepStatus::kWarned)});
  EXPECT_EQ(folded.suites_held, 2);
  EXPECT_EQ(folded.checks_held, 22);
  ASSERT_EQ(folded.rows.size(), 1U);
  EXPECT_EQ(folded.rows[0].step.name, "suite b");
}

TEST(FoldSteps, WhatIsUpToDateIsCountedOnly) {
  const FoldedSteps folded = FoldSteps({FoldableStep("gold.a", "model", StepStatus::kNothing),
                                        MakeTest("unique_a", "gold.a", StepStatus::kNothing),
                                        FoldableStep("gold.b", "model", StepStatus::kDone, 2)});
  EXPECT_EQ(folded.up_to_date, 1);
  ASSERT_EQ(folded.rows.size(), 1U);
  EXPECT_EQ(folded.rows[0].step.name, "gold.b");
}

TEST(FoldSteps, ManySkippedStepsAreCountedOnly) {
  std::vector<StepResult> steps;
  for (int i = 0; i < 3; ++i) steps.push_back(FoldableStep("gold." + std::to_string(i), "model", StepStatus::kSkipped));
  EXPECT_EQ(FoldSteps(steps).rows.size(), 3U);
  steps.push_back(FoldableStep("gold.broken", "model", StepStatus::kFailed));
  steps.push_back(FoldableStep("gold.3", "model", StepStatus::kSkipped));
  steps[0].message = "because silver.a failed";
  const FoldedSteps folded = FoldSteps(steps);
  ASSERT_EQ(folded.rows.size(), 1U);
  EXPECT_EQ(folded.rows[0].step.name, "gold.broken");
  EXPECT_EQ(folded.skipped, 4);
  EXPECT_EQ(folded.skipped_because, "because silver.a failed");
}

TEST(DrawStep, AnInterruptedStepIsNoFailure) {
  FoldedStep step{.step = FoldableStep("gold.a", "model", StepStatus::kFailed)};
  step.step.message = Error(ErrorCode::kCancelled, "interrupted").ToString();
  EXPECT_NE(Draw(step).find("■ gold.a"), std::string::npos) << Draw(step);
  EXPECT_EQ(Draw(step).find("SMELT-"), std::string::npos) << Draw(step);
  step.step.message = Error(ErrorCode::kStoreIo, "no disk").ToString();
  EXPECT_NE(Draw(step).find("✖ gold.a"), std::string::npos) << Draw(step);
  EXPECT_NE(Draw(step).find("SMELT-STORE-0004: no disk"), std::string::npos) << Draw(step);
}

TEST(DrawStep, NarrowScreensLoseTheSchemaThatTheTaskNames) {
  const FoldedStep step{.step = FoldableStep("gold.daily_revenue", "model", StepStatus::kDone, 5)};
  EXPECT_NE(Draw(step, 110).find("✔ gold.daily_revenue "), std::string::npos);
  EXPECT_NE(Draw(step, 80).find("✔ daily_revenue "), std::string::npos);
}

TEST(DrawStep, QuarantinedRowsAreToldWhereThereIsNoColumnForThem) {
  FoldedStep step{.step = FoldableStep("bronze.orders", "ingest", StepStatus::kDone, 5)};
  step.step.rows_quarantined = 1'234;
  EXPECT_EQ(Draw(step, 100).find("rows quarantined"), std::string::npos);
  EXPECT_NE(Draw(step, 60).find("1,234 rows quarantined"), std::string::npos);
}

}  // namespace
}  // namespace smelt::app
