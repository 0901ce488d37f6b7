#include <gtest/gtest.h>

#include "transform/operation.h"
#include "transform/tests/run_fixture.h"

namespace smelt::transform {
namespace {

class ProjectHooksTest : public RunTest {};

const ProjectFolder::Files kProject = {
    {"dbt_project.yml",
     "name: shop\n"
     "on-run-start:\n"
     "  - create table if not exists main.log (text varchar)\n"
     "  - \"insert into main.log values ('start {{ flags.WHICH }}')\"\n"
     "on-run-end:\n"
     "  - \"{% for r in results | sort(attribute='node.unique_id') %}insert into main.log values ('{{ r.node.name }} "
     "{{ r.status }} {{ r.failures }}');{% endfor %}\"\n"
     "  - \"insert into main.log values ('{{ schemas | join(' ') }} {{ database_schemas | map('join', '.') | join "
     "}}')\"\n"},
    {"models/good.sql", "{{ config(materialized='table') }} select 1 as id"},
    {"models/bad.sql", "{{ config(schema='other') }} select * from nowhere"},
    {"models/m.yml", "models: [{name: good, columns: [{name: id, data_tests: [{unique: {name: u}}]}]}]\n"}};

TEST_F(ProjectHooksTest, RunBeforeAndAfterTheNodesAndSeeWhatBecameOfThem) {
  const auto results = Run(ProjectFolder(kProject), Command::kBuild);
  EXPECT_EQ(
      Rows("select text from main.log order by text"),
      (std::vector<std::string>{"bad error None", "good success None", "main lake.main", "start build", "u pass 0"}));
  ASSERT_TRUE(results.contains("shop.on-run-start.1"));
  const NodeResult& hook = results.at("shop.on-run-start.1");
  EXPECT_EQ(hook.unique_id, "operation.shop.shop-on-run-start-1");
  EXPECT_EQ(hook.step.kind, "operation");
  EXPECT_EQ(hook.failures, 0);
}

TEST_F(ProjectHooksTest, NothingToDoRunsNone) {
  EXPECT_TRUE(Run(ProjectFolder(kProject), Command::kSeed).empty());
}

TEST_F(ProjectHooksTest, AfterOneThatFailsTheOthersAreSkippedAndNodesStillRun) {
  ProjectFolder folder({{"dbt_project.yml", "name: shop\non-run-start: [select * from nowhere, select 1]\n"},
                        {"models/good.sql", "select 1 as id"}});
  const auto results = Run(folder, Command::kRun);
  EXPECT_EQ(results.at("shop.on-run-start.0").step.status, StepStatus::kFailed);
  EXPECT_EQ(results.at("shop.on-run-start.0").error->file(), "dbt_project.yml");
  EXPECT_EQ(results.at("shop.on-run-start.1").step.status, StepStatus::kSkipped);
  EXPECT_EQ(results.at("main.good").step.status, StepStatus::kDone);
}

TEST_F(ProjectHooksTest, PackagesComeBeforeTheProject) {
  ProjectFolder folder({{"dbt_project.yml", "name: a_shop\non-run-start: select 1\n"},
                        {"packages.yml", "packages: [{local: dbt_packages/tools}]\n"},
                        {"dbt_packages/tools/dbt_project.yml", "name: tools\non-run-start: select 2\n"},
                        {"models/good.sql", "select 1 as id"}});
  const auto project = LoadGood(folder);
  ASSERT_EQ(project->manifest().operations.size(), 2U);
  EXPECT_EQ(project->manifest().operations.front().unique_id, "operation.tools.tools-on-run-start-0");
}

TEST_F(ProjectHooksTest, WhatAHookAtTheStartCannotRenderStopsTheRun) {
  ProjectFolder folder(
      {{"dbt_project.yml", "name: shop\non-run-start: \"{{ exceptions.raise_compiler_error('no') if execute }}\"\n"},
       {"models/good.sql", "select 1 as id"}});
  auto results = Invoke(*engine_, folder.Options(), observer_);
  ASSERT_FALSE(results);
  EXPECT_EQ(results.error().code(), ErrorCode::kJinjaRaised);
}

class OperationTest : public RunTest {
 protected:
  std::string printed_;

  Result<NodeResult> Call(const std::string& macro, const Json& arguments = Json::object()) {
    ProjectFolder folder({{"models/good.sql", "{{ config(materialized='table') }} select 1 as id"},
                          {"macros/m.sql",
                           "{% macro count(what, times=1) %}{% for i in range(times) %}"
                           "{% do print(run_query('select count(*) from ' ~ ref(what)).rows[0][0] ~ ' ' ~ execute ~ ' "
                           "' ~ flags.WHICH) %}"
                           "{% endfor %}{% endmacro %}"
                           "{% macro fails() %}{% do run_query('select * from nowhere') %}{% endmacro %}"
                           "{% macro nodes() %}{% do print(graph.nodes | list | join(' ')) %}{% endmacro %}"}});
    InvokeOptions options = folder.Options();
    options.command = Command::kRunOperation;
    options.print = [this](std::string_view text) { printed_ += std::string(text) + "\n"; };
    return RunOperation(*engine_, options, macro, arguments);
  }
};

TEST_F(OperationTest, CallsAMacroWithArgumentsAndTheLake) {
  ASSERT_TRUE(Execute("create table main.good as select * from range(3) t(id)"));
  auto done = Call("count", {{"what", "good"}, {"times", 2}});
  ASSERT_TRUE(done) << done.error().ToString();
  EXPECT_FALSE(done->error) << done->error->ToString();
  EXPECT_EQ(printed_, "3 True run-operation\n3 True run-operation\n");
  EXPECT_EQ(done->unique_id, "macro.shop.count");
  ASSERT_TRUE(Call("shop.nodes"));
  EXPECT_NE(printed_.find("model.shop.good"), std::string::npos);
}

TEST_F(OperationTest, SaysWhatWentWrong) {
  auto failed = Call("fails");
  ASSERT_TRUE(failed);
  ASSERT_TRUE(failed->error);
  EXPECT_EQ(failed->failures, 1);
  auto unknown = Call("cuont");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().hint(), "did you mean 'count'?");
  auto wrong = Call("count", {{"whta", 1}});
  ASSERT_TRUE(wrong);
  EXPECT_TRUE(wrong->error);
}

}  // namespace
}  // namespace smelt::transform
