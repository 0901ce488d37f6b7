#include "notify/problems.h"

#include <gtest/gtest.h>

namespace smelt::notify {
namespace {

using state::RunStatus;
using state::TaskStatus;

state::TaskRecord Task(const std::string& name, TaskStatus status, Json steps = Json::array(),
                       const std::string& error = "", int attempt = 1) {
  state::TaskRecord task;
  task.name = name;
  task.type = "validate";
  task.status = status;
  task.attempt = attempt;
  task.outcome = {{"steps", std::move(steps)}};
  task.error = error;
  return task;
}

RunFacts Facts(RunStatus status, std::vector<state::TaskRecord> tasks, const std::string& error = "") {
  RunFacts facts;
  facts.run.id = "run-1";
  facts.run.pipeline = "daily";
  facts.run.status = status;
  facts.run.error = error;
  facts.tasks = std::move(tasks);
  return facts;
}

Json SuiteStep(const std::string& status) {
  const Json failed = {{"expectation", "expect_column_values_to_be_between"},
                       {"column", "amount"},
                       {"result", {{"partial_unexpected_list", {-5, -7.5}}}}};
  return {{"name", "suite orders"},
          {"kind", "suite"},
          {"status", status},
          {"message", "1 of 3 expectations failed"},
          {"details", {{"failed", Json::array({failed})}}}};
}

TEST(Problems, FailedStepsStandForTheirTask) {
  const auto problems = FindProblems(
      Facts(RunStatus::kFailed, {Task("checks", TaskStatus::kFailed,
                                      Json::array({SuiteStep("failed"), {{"name", "suite b"}, {"status", "done"}}}),
                                      "SMELT-PIPE-0006: the checks failed")}),
      {}, nullptr);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].Id(), "checks/suite orders");
  EXPECT_EQ(problems[0].severity, Severity::kError);
  ASSERT_EQ(problems[0].samples.size(), 1U);
  EXPECT_EQ(problems[0].samples[0].of, "amount expect_column_values_to_be_between");
  EXPECT_EQ(problems[0].samples[0].rows, (std::vector<std::vector<std::string>>{{"-5"}, {"-7.5"}}));
}

TEST(Problems, ErrorsWithoutStepsAreTheTasksOwn) {
  const auto problems = FindProblems(
      Facts(RunStatus::kFailed,
            {Task("load", TaskStatus::kFailed, Json::array(), "SMELT-STORE-0004: disk\n  hint: mend it", 1),
             Task("load", TaskStatus::kFailed, Json::array(), "SMELT-STORE-0004: still\n  hint: mend it", 2),
             Task("next", TaskStatus::kSkipped)}),
      {}, nullptr);
  ASSERT_EQ(problems.size(), 1U) << "the last attempt counts, and what was skipped is no problem";
  EXPECT_EQ(problems[0].message, "SMELT-STORE-0004: still");
  EXPECT_EQ(problems[0].hint, "mend it");
}

TEST(Problems, DeadAndTimedOutRunsAreProblemsOfTheRun) {
  auto problems = FindProblems(Facts(RunStatus::kDied, {Task("a", TaskStatus::kDied)}), {}, nullptr);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].Id(), "a/a");
  problems =
      FindProblems(Facts(RunStatus::kFailed, {Task("a", TaskStatus::kInterrupted)}, "it took too long"), {}, nullptr);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].Id(), "/daily");
  EXPECT_EQ(problems[0].message, "it took too long");
  EXPECT_TRUE(FindProblems(Facts(RunStatus::kInterrupted, {Task("a", TaskStatus::kInterrupted)}), {}, nullptr).empty());
}

TEST(Problems, WarningsAndQuarantineAreLessBad) {
  const Json loaded = {{"name", "bronze.orders"}, {"kind", "ingest"}, {"status", "done"}, {"rows_quarantined", 3}};
  const auto problems = FindProblems(
      Facts(RunStatus::kSucceeded, {Task("in", TaskStatus::kDone, Json::array({loaded})),
                                    Task("checks", TaskStatus::kWarned, Json::array({SuiteStep("failed")}))}),
      {}, nullptr);
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].severity, Severity::kWarning) << "what failed in a task that is no gate";
  EXPECT_EQ(problems[1].severity, Severity::kInfo);
  EXPECT_EQ(problems[1].message, "3 rows went to quarantine");
}

TEST(Problems, RowsComeFromTheReaderAndAreMasked) {
  const Json step = {{"name", "not_null"}, {"kind", "test"}, {"status", "failed"}};
  const SampleReader read = [](const Json&, int) {
    return std::vector<RawSample>{
        {.of = "failing rows", .columns = {"id", "mail", "day"}, .rows = {{1, "anna@example.com", "2018-05-24"}}}};
  };
  const auto facts = Facts(RunStatus::kFailed, {Task("t", TaskStatus::kFailed, Json::array({step}))});
  const auto problems = FindProblems(facts, {}, read);
  ASSERT_EQ(problems.at(0).samples.size(), 1U);
  EXPECT_EQ(problems[0].samples[0].rows[0], (std::vector<std::string>{"1", "a***@***", "2018-05-24"}));
  EXPECT_TRUE(FindProblems(facts, {.rows = 0}, read).at(0).samples.empty());
}

TEST(Problems, Masking) {
  const SampleSettings text;
  EXPECT_EQ(MaskValue("Müller", "c", text), "M***");
  EXPECT_EQ(MaskValue("Ümit", "c", text), "Ü***");
  EXPECT_EQ(MaskValue("abc", "c", text), "***") << "of a short text the first letter tells too much";
  EXPECT_EQ(MaskValue("1234-56-7890", "c", text), "1***") << "a number of a card or telephone is no date";
  EXPECT_EQ(MaskValue("2018-05-24 10:00:00", "c", text), "2018-05-24 10:00:00");
  EXPECT_EQ(MaskValue(42, "c", text), "42");
  EXPECT_EQ(MaskValue(nullptr, "c", text), "NULL");
  EXPECT_EQ(MaskValue(42, "c", {.mask = Masking::kAll}), "***");
  EXPECT_EQ(MaskValue("paid", "status", {.mask = Masking::kAll, .columns_shown = {"status"}}), "paid");
  EXPECT_EQ(MaskValue("x", "c", {.mask = Masking::kNone}), "x");
}

}  // namespace
}  // namespace smelt::notify
