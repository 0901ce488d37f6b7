#include "pipeline/definition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>

#include "base/file.h"
#include "base/id.h"
#include "pipeline/internal/definition_keys.h"

namespace smelt::pipeline {
namespace {

std::vector<std::string> Names(const Pipeline& pipeline) {
  std::vector<std::string> names;
  for (const TaskDefinition& task : pipeline.tasks) names.push_back(task.name);
  return names;
}

TEST(Definition, ReadsEveryKey) {
  const auto pipeline = ParsePipeline(R"(
name: daily
description: From files to gold
schedule: "0 2 * * *"
timezone: UTC
timeout: 2h
concurrency: 2
retries: {attempts: 4, delay: 1s, delay_max: 1m, multiplier: 3}
vars: {day: 2018-05-24, full: true}
tasks:
  - name: gold
    type: build
    needs: [silver, bronze]
    with: {select: gold}
    trigger_rule: all_done
    gate: false
    timeout: 90s
  - name: silver
    type: build
    needs: bronze
    retries: {attempts: 2, errors: all}
  - {name: bronze, type: ingest}
)",
                                      "pipelines/daily.yml");
  ASSERT_TRUE(pipeline) << pipeline.error().ToString();
  EXPECT_EQ(pipeline->name, "daily");
  EXPECT_EQ(pipeline->description, "From files to gold");
  EXPECT_EQ(pipeline->timetable->Describe().substr(0, 9), "0 2 * * *");
  EXPECT_EQ(pipeline->timeout_ms, 7'200'000);
  EXPECT_EQ(pipeline->concurrency, 2);
  EXPECT_EQ(pipeline->vars["full"], true);
  EXPECT_EQ(Names(*pipeline), (std::vector<std::string>{"bronze", "silver", "gold"}));

  const TaskDefinition& silver = pipeline->tasks[1];
  EXPECT_EQ(silver.retries.policy.attempts_max, 2);  // its own
  EXPECT_EQ(silver.retries.policy.delay_ms, 1'000);  // the pipeline's
  EXPECT_EQ(silver.retries.policy.delay_max_ms, 60'000);
  EXPECT_EQ(silver.retries.policy.multiplier, 3);
  EXPECT_TRUE(silver.retries.all_errors);
  EXPECT_TRUE(silver.with.is_null());
  EXPECT_TRUE(silver.gate);
  EXPECT_EQ(silver.trigger_rule, TriggerRule::kAllSuccess);

  const TaskDefinition& gold = pipeline->tasks[2];
  EXPECT_EQ(gold.retries.policy.attempts_max, 4);
  EXPECT_FALSE(gold.retries.all_errors);
  EXPECT_EQ(gold.with.StringOr("select", "").value(), "gold");
  EXPECT_EQ(gold.timeout_ms, 90'000);
  EXPECT_FALSE(gold.gate);
  EXPECT_EQ(gold.trigger_rule, TriggerRule::kAllDone);
}

TEST(Definition, KeepsTheOrderOfTheFileWhereNeedsAllowIt) {
  const auto pipeline = ParsePipeline(R"(
name: p
tasks:
  - {name: c, type: t}
  - {name: a, type: t, needs: [b]}
  - {name: b, type: t}
  - {name: d, type: t}
)",
                                      "p.yml");
  ASSERT_TRUE(pipeline) << pipeline.error().ToString();
  const std::vector<std::string> names = Names(*pipeline);
  EXPECT_LT(std::ranges::find(names, "b"), std::ranges::find(names, "a"));
  EXPECT_EQ(names.front(), "c");
}

using Bad = std::tuple<std::string, ErrorCode, int, std::string, std::string>;  // yaml, code, line, message, hint
class BadDefinition : public testing::TestWithParam<Bad> {};

TEST_P(BadDefinition, NamesFileLineAndCure) {
  const auto& [yaml, code, line, message, hint] = GetParam();
  const auto pipeline = ParsePipeline(yaml, "pipelines/p.yml");
  ASSERT_FALSE(pipeline) << yaml;
  const Error& error = pipeline.error();
  EXPECT_EQ(error.code(), code) << error.ToString();
  EXPECT_EQ(error.file(), "pipelines/p.yml");
  EXPECT_EQ(error.line(), line) << error.ToString();
  EXPECT_NE(error.message().find(message), std::string::npos) << error.ToString();
  EXPECT_NE(error.hint().find(hint), std::string::npos) << error.ToString();
}

constexpr const char* kTask = "tasks:\n  - {name: a, type: t}\n";

INSTANTIATE_TEST_SUITE_P(
    Definition, BadDefinition,
    testing::Values(
        Bad{"- a\n", ErrorCode::kConfigValueInvalid, 1, "must be a map", "name"},
        Bad{"name: p\nshedule: x\n" + std::string(kTask), ErrorCode::kConfigKeyUnknown, 2, "'shedule'", "'schedule'"},
        Bad{kTask, ErrorCode::kConfigKeyMissing, 1, "'name'", ""},
        Bad{"name: p\n", ErrorCode::kConfigKeyMissing, 1, "'tasks'", ""},
        Bad{"name: p\ntasks: []\n", ErrorCode::kConfigValueInvalid, 2, "at least one task", ""},
        Bad{"name: ../p\n" + std::string(kTask), ErrorCode::kConfigValueInvalid, 1, "cannot be a name", "letters"},
        Bad{"name: p\ntasks:\n  - {name: a, type: t, need: b}\n", ErrorCode::kConfigKeyUnknown, 3, "'need'", "'needs'"},
        Bad{"name: p\ntasks:\n  - {name: a}\n", ErrorCode::kConfigKeyMissing, 3, "'type'", ""},
        Bad{"name: p\ntasks:\n  - {name: a, type: t}\n  - {name: a, type: t}\n", ErrorCode::kPipelineGraph, 4,
            "the first stands on line 3", "name of its own"},
        Bad{"name: p\ntasks:\n  - {name: bronze, type: t}\n  - {name: b, type: t, needs: bronce}\n",
            ErrorCode::kPipelineGraph, 4, "needs 'bronce'", "'bronze'"},
        Bad{"name: p\ntasks:\n  - {name: a, type: t, needs: a}\n", ErrorCode::kPipelineGraph, 3, "a → a", "remove"},
        Bad{"name: p\ntasks:\n  - {name: x, type: t}\n  - {name: a, type: t, needs: [x, c]}\n"
            "  - {name: b, type: t, needs: a}\n  - {name: c, type: t, needs: b}\n",
            ErrorCode::kPipelineGraph, 4, "a → c → b → a", "remove"},
        Bad{"name: p\nschedule: 0 25 * * *\n" + std::string(kTask), ErrorCode::kPipelineSchedule, 2, "hour '25'",
            "five fields"},
        Bad{"name: p\ntimezone: Mars/Olympus\n" + std::string(kTask), ErrorCode::kPipelineSchedule, 2, "Mars/Olympus",
            "UTC"},
        Bad{"name: p\ntimeout: soon\n" + std::string(kTask), ErrorCode::kConfigValueInvalid, 2, "'soon'", "30s"},
        Bad{"name: p\nconcurrency: 0\n" + std::string(kTask), ErrorCode::kConfigValueInvalid, 2, "between 1 and 64",
            ""},
        Bad{"name: p\nretries: {attempts: 0}\n" + std::string(kTask), ErrorCode::kConfigValueInvalid, 2, "'attempts'",
            ""},
        Bad{"name: p\nretries: {attemps: 3}\n" + std::string(kTask), ErrorCode::kConfigKeyUnknown, 2, "'attemps'",
            "'attempts'"},
        Bad{"name: p\nretries: {delay: 1m, delay_max: 1s}\n" + std::string(kTask), ErrorCode::kConfigValueInvalid, 2,
            "shorter", ""},
        Bad{"name: p\nretries: {multiplier: 0.5}\n" + std::string(kTask), ErrorCode::kConfigValueInvalid, 2,
            "'multiplier'", ""},
        Bad{"name: p\nvars: [1]\n" + std::string(kTask), ErrorCode::kConfigValueInvalid, 2, "'vars'", ""},
        Bad{"name: p\ntasks:\n  - {name: a, type: t, trigger_rule: sometimes}\n", ErrorCode::kConfigValueInvalid, 3,
            "'sometimes'", "all_success, all_done, one_failed"},
        Bad{"name: p\ntasks:\n  - {name: a, type: t, with: x}\n", ErrorCode::kConfigValueInvalid, 3, "'with'", ""},
        Bad{"name: p\ntasks:\n  - {name: a, type: t, gate: maybe}\n", ErrorCode::kConfigValueInvalid, 3, "maybe", ""},
        Bad{"name: a: b\n", ErrorCode::kConfigSyntax, 1, "", ""}));

class PipelineFolder : public testing::Test {
 protected:
  PipelineFolder() { std::filesystem::create_directories(folder_); }
  ~PipelineFolder() override { std::filesystem::remove_all(folder_); }
  void Write(const std::string& name, const std::string& text) { std::ofstream(folder_ + "/" + name) << text; }

  std::string folder_ = (std::filesystem::temp_directory_path() / ("smelt-test-" + NewUuid())).string();
};

TEST_F(PipelineFolder, FindsByNameAndListsAll) {
  Write("daily.yml", "name: daily\n" + std::string(kTask));
  Write("hourly.yaml", "name: hourly\n" + std::string(kTask));
  Write("notes.txt", "not a pipeline");
  EXPECT_EQ(FindPipeline(folder_, "hourly")->name, "hourly");
  const auto all = LoadPipelines(folder_);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->front().name, "daily");
  const auto missing = FindPipeline(folder_, "dayly");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kPipelineNotFound);
  EXPECT_EQ(missing.error().hint(), "did you mean 'daily'?");
}

TEST_F(PipelineFolder, ABrokenNeighbourDoesNotMatter) {
  Write("daily.yml", "name: daily\n" + std::string(kTask));
  Write("broken.yml", "name: [\n");
  EXPECT_TRUE(FindPipeline(folder_, "daily"));
  EXPECT_FALSE(LoadPipelines(folder_));
}

TEST_F(PipelineFolder, NameAndFileMustAgree) {
  Write("daily.yml", "name: nightly\n" + std::string(kTask));
  const auto pipeline = FindPipeline(folder_, "daily");
  ASSERT_FALSE(pipeline);
  EXPECT_EQ(pipeline.error().code(), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(pipeline.error().line(), 1);
}

TEST_F(PipelineFolder, AMissingFolderHasNone) {
  EXPECT_TRUE(LoadPipelines(folder_ + "/none")->empty());
  EXPECT_EQ(FindPipeline(folder_ + "/none", "daily").error().code(), ErrorCode::kPipelineNotFound);
}

/// The keys that the schema for editors allows in one of its objects.
std::vector<std::string> SchemaKeys(const Json& object) {
  EXPECT_EQ(object.at("additionalProperties"), false);
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.at("properties").items()) keys.push_back(key);
  return keys;
}

template <typename Keys>
std::vector<std::string> Sorted(const Keys& keys) {
  std::vector<std::string> sorted(keys.begin(), keys.end());
  std::ranges::sort(sorted);
  return sorted;
}

TEST(Definition, KeepsTablesFresh) {
  const auto pipeline = ParsePipeline(
      "name: fresh\nretries: {attempts: 3}\nkeep: {tables: [gold.revenue, silver.orders], fresher_than: 15m}\n",
      "f.yml");
  ASSERT_TRUE(pipeline) << pipeline.error().ToString();
  EXPECT_EQ(pipeline->WhenText(), "tables fresher than 15 m");
  // Begun every half of the time and done within the other half, no table is ever older than the whole.
  EXPECT_EQ(pipeline->timetable->NextAfter(0), 450'000'000);
  EXPECT_EQ(pipeline->sla_ms, 450'000);
  ASSERT_EQ(pipeline->tasks.size(), 1U);
  const TaskDefinition& task = pipeline->tasks.front();
  EXPECT_EQ(task.type, "refresh");
  EXPECT_EQ(task.retries.policy.attempts_max, 3);
  EXPECT_EQ(task.with.Find("tables")->AsStringList().value(),
            (std::vector<std::string>{"gold.revenue", "silver.orders"}));
}

TEST(Definition, TheSchemaForEditorsAgrees) {
  const auto text = ReadWholeFile(SMELT_SOURCE_DIR "/docs/schemas/pipeline.schema.json");
  ASSERT_TRUE(text) << text.error().ToString();
  const Json schema = Json::parse(*text);
  const Json& task = schema.at("$defs").at("task");
  const Json& retries = schema.at("$defs").at("retries");
  EXPECT_EQ(Sorted(SchemaKeys(schema)), Sorted(internal::kPipelineKeys));
  EXPECT_EQ(Sorted(SchemaKeys(schema.at("properties").at("keep"))), Sorted(internal::kKeepKeys));
  EXPECT_EQ(Sorted(SchemaKeys(task)), Sorted(internal::kTaskKeys));
  EXPECT_EQ(Sorted(SchemaKeys(retries)), Sorted(internal::kRetryKeys));
  const Json& event = schema.at("$defs").at("event");
  EXPECT_EQ(Sorted(SchemaKeys(event)), Sorted(internal::kEventKeys));
  EXPECT_EQ(Sorted(SchemaKeys(event.at("properties").at("http"))), Sorted(internal::kHttpKeys));
  EXPECT_EQ(Sorted(task.at("properties").at("trigger_rule").at("enum")), Sorted(internal::kTriggerRules));
  EXPECT_EQ(Sorted(retries.at("properties").at("errors").at("enum")), Sorted(internal::kRetriedErrors));
}

TEST(Definition, TheReferenceProjectsPipelineIsValid) {
  const auto pipeline = LoadPipeline(SMELT_SOURCE_DIR "/projects/olist/pipelines/daily.yml");
  ASSERT_TRUE(pipeline) << pipeline.error().ToString();
  EXPECT_EQ(Names(*pipeline), (std::vector<std::string>{"inputs", "bronze", "bronze_quality", "silver",
                                                        "silver_quality", "gold", "gold_quality", "metadata"}));
}

/// The error of a definition whose only task has these further keys.
Error TaskError(const std::string& keys) {
  const auto pipeline = ParsePipeline("name: p\ntasks:\n  - {name: a, type: t, " + keys + "}\n", "p.yml");
  EXPECT_FALSE(pipeline) << keys;
  return pipeline ? Error(ErrorCode::kInternal, "none") : pipeline.error();
}

TEST(Definition, MistakesInTurnsAndItemsHaveAPlaceAndACure) {
  for (const auto& [keys, words] : {
           std::pair{"pool_slots: 2", "'pool' of which is missing"},
           std::pair{"pool: 'a b'", "'a b' cannot be a name"},
           std::pair{"pool: db, pool_slots: 0", "between 1 and"},
           std::pair{"sla: soon", "soon"},
           std::pair{"for_each: {query: x}", "query"},
           std::pair{"for_each: 'a b'", "a b"},
           std::pair{"for_each: tasks.x.rows", "names no task"},
           std::pair{"for_each: item", "names nothing here"},
           std::pair{"with: {x: '{{ item }}'}", "names nothing here"},
           std::pair{"for_each: [1], when: item > 0", "names nothing here"},
       }) {
    const Error error = TaskError(keys);
    EXPECT_NE(error.ToString().find(words), std::string::npos) << error.ToString();
    EXPECT_EQ(error.file(), "p.yml");
    EXPECT_EQ(error.line(), 3) << error.ToString();
  }
}

TEST(Definition, SaysFromWhomAPipelineTakesCalls) {
  const auto read = [](const std::string& on) {
    return ParsePipeline("name: p\non: " + on + "\ntasks: [{name: a, type: t}]\n", "dir/p.yml");
  };
  EXPECT_FALSE(read("[]")->http);
  EXPECT_TRUE(read("[http: ]")->http);
  EXPECT_EQ(read("[http: {token: {env: TOKEN}}]")->http->token->environment, "TOKEN");
  const auto both = read("[{table: a.b}, {http: {signing_key: {file: keys/k}}}]");
  EXPECT_EQ(both->http->signing_key->file, "dir/keys/k");
  EXPECT_EQ(both->events.size(), 1);
  for (const auto& [on, words] : {
           std::pair{"[{http: }, {http: }]", "comes twice"},
           std::pair{"[http: yes]", "must be a map"},
           std::pair{"[http: {token: s3cret}]", "plain text"},
           std::pair{"[http: {token: {env: A, file: b}}]", "one of the keys"},
           std::pair{"[http: {token: {env: A}, signing_key: {env: B}}]", "not both"},
           std::pair{"[http: {tokn: {env: A}}]", "tokn"},
           std::pair{"[{http: , table: a.b}]", "no other key"},
       }) {
    const auto refused = read(on);
    ASSERT_FALSE(refused) << on;
    EXPECT_NE(refused.error().ToString().find(words), std::string::npos) << refused.error().ToString();
    EXPECT_EQ(refused.error().line(), 2);
    EXPECT_EQ(refused.error().ToString().find("s3cret"), std::string::npos);
  }
}

}  // namespace
}  // namespace smelt::pipeline
