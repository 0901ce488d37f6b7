#include "pipeline/task.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "pipeline/report.h"

namespace smelt::pipeline {
namespace {

TaskRegistry MakeRegistry() {
  TaskRegistry registry;
  registry.Add({.name = "ingest",
                .summary = "Loads files",
                .settings = {{.name = "source", .summary = "which source", .required = true},
                             {.name = "tables", .kind = SettingKind::kTextList, .summary = "only these"},
                             {.name = "mode", .summary = "how", .choices = {"strict", "loose"}},
                             {.name = "limit", .kind = SettingKind::kInteger, .summary = "at most"},
                             {.name = "fresh", .kind = SettingKind::kBoolean, .summary = "from scratch"},
                             {.name = "wait", .kind = SettingKind::kDuration, .summary = "how long"},
                             {.name = "options", .kind = SettingKind::kMap, .summary = "more"}}});
  registry.Add({.name = "metadata", .summary = "Refreshes the catalogue"});
  return registry;
}

Status Check(const std::string& task) {
  const auto pipeline = ParsePipeline("name: p\ntasks:\n  - {name: a, " + task + "}\n", "p.yml");
  EXPECT_TRUE(pipeline) << pipeline.error().ToString();
  return MakeRegistry().Check(*pipeline);
}

TEST(TaskRegistry, AcceptsWhatFits) {
  EXPECT_TRUE(Check("type: ingest, with: {source: olist}"));
  EXPECT_TRUE(
      Check("type: ingest, with: {source: olist, tables: [a, b], mode: loose, limit: 3, fresh: true, wait: 5m, "
            "options: {x: 1}}"));
  EXPECT_TRUE(Check("type: metadata"));
}

using BadTaskCase = std::tuple<std::string, ErrorCode, std::string, std::string>;
class BadTask : public testing::TestWithParam<BadTaskCase> {};

TEST_P(BadTask, IsRefusedBeforeAnythingRuns) {
  const auto& [task, code, message, hint] = GetParam();
  const Status status = Check(task);
  ASSERT_FALSE(status) << task;
  EXPECT_EQ(status.error().code(), code);
  EXPECT_EQ(status.error().file(), "p.yml");
  EXPECT_EQ(status.error().line(), 3);
  EXPECT_NE(status.error().message().find(message), std::string::npos) << status.error().ToString();
  EXPECT_NE(status.error().hint().find(hint), std::string::npos) << status.error().ToString();
}

INSTANTIATE_TEST_SUITE_P(
    TaskRegistry, BadTask,
    testing::Values(
        BadTaskCase{"type: ingets", ErrorCode::kPipelineTaskType, "'ingets'", "'ingest'"},
        BadTaskCase{"type: levitate", ErrorCode::kPipelineTaskType, "'levitate'", "ingest, metadata"},
        BadTaskCase{"type: ingest", ErrorCode::kConfigKeyMissing, "'source'", "which source"},
        BadTaskCase{"type: ingest, with: {source: o, table: x}", ErrorCode::kConfigKeyUnknown, "'table'", "'tables'"},
        BadTaskCase{"type: ingest, with: {source: [o]}", ErrorCode::kConfigValueInvalid, "text", ""},
        BadTaskCase{"type: ingest, with: {source: o, mode: lax}", ErrorCode::kConfigValueInvalid, "'lax'",
                    "strict, loose"},
        BadTaskCase{"type: ingest, with: {source: o, limit: many}", ErrorCode::kConfigValueInvalid, "many", ""},
        BadTaskCase{"type: ingest, with: {source: o, fresh: 3}", ErrorCode::kConfigValueInvalid, "'3'", ""},
        BadTaskCase{"type: ingest, with: {source: o, wait: long}", ErrorCode::kConfigValueInvalid, "'long'", ""},
        BadTaskCase{"type: ingest, with: {source: o, tables: {a: b}}", ErrorCode::kConfigValueInvalid, "list", ""},
        BadTaskCase{"type: ingest, with: {source: o, options: x}", ErrorCode::kConfigValueInvalid, "'options'", ""},
        BadTaskCase{"type: metadata, with: {x: 1}", ErrorCode::kConfigKeyUnknown, "no settings", "remove"}));

TEST(Report, OutcomesSurviveTheStore) {
  TaskOutcome outcome;
  outcome.status = StepStatus::kWarned;
  outcome.rows_in = 10;
  outcome.rows_out = 9;
  outcome.rows_quarantined = 1;
  outcome.commits = 2;
  outcome.details = {{"files", 3}};
  outcome.steps = {{.name = "bronze.orders",
                    .kind = "ingest",
                    .status = StepStatus::kWarned,
                    .rows_in = 10,
                    .rows_out = 9,
                    .rows_quarantined = 1,
                    .seconds = 0.5,
                    .message = "one row too many",
                    .details = {{"version", 4}}}};
  EXPECT_EQ(ToJson(OutcomeFromJson(ToJson(outcome))), ToJson(outcome));
}

TEST(Report, ForeignJsonGivesDefaults) {
  for (const char* text : {"null", "[]", "{}", R"({"steps": 3, "rows_in": "x", "details": []})",
                           R"({"steps": [1, {"name": 7, "seconds": "x"}]})"}) {
    const TaskOutcome outcome = OutcomeFromJson(Json::parse(text));
    EXPECT_EQ(outcome.rows_in, -1) << text;
    EXPECT_EQ(outcome.commits, 0) << text;
  }
}

}  // namespace
}  // namespace smelt::pipeline
