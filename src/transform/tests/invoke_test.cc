#include "transform/invoke.h"

#include "transform/tests/run_fixture.h"

namespace smelt::transform {
namespace {

class InvokeTest : public RunTest {
 protected:
  Results RunWell(const ProjectFolder& folder, Command command = Command::kBuild) {
    InvokeOptions options = folder.Options();
    options.command = command;
    Results by_name = RunTest::Run(options);
    for (const auto& [name, node] : by_name) EXPECT_FALSE(node.error) << node.error->ToString();
    return by_name;
  }
};

constexpr const char* kRows =
    "{{ config(materialized='table') }} select * from (values (1, 'a'), (null, 'b'), (null, 'c'), (4, null)) t(id, "
    "kind)";

/// The log counts nulls, so that most not_null tests need no query: their verdicts must be those of the query.
TEST_F(InvokeTest, NotNullCountsTheRowsThatFailWhetherOrNotTheLogTells) {
  ProjectFolder folder({{"models/rows.sql", kRows},
                        {"models/schema.yml",
                         "models:\n"
                         "  - name: rows\n"
                         "    columns:\n"
                         "      - name: id\n"
                         "        data_tests:\n"
                         "          - not_null: {name: fails}\n"
                         "          - not_null: {name: warns, severity: warn}\n"
                         "          - not_null: {name: allows_two, error_if: '> 2', warn_if: '> 2'}\n"
                         "          - not_null: {name: wants_one, error_if: '< 3'}\n"
                         "          - not_null: {name: fails_where, where: kind = 'b'}\n"
                         "          - not_null: {name: holds_where, where: kind = 'a'}\n"
                         "          - not_null: {name: limited, limit: 1}\n"
                         "      - name: kind\n"
                         "        data_tests: [{not_null: {name: one_kind}}]\n"}});
  auto nodes = RunWell(folder, Command::kRun);
  nodes = RunWell(folder, Command::kTest);
  const std::map<std::string, std::pair<std::int64_t, StepStatus>> expected = {
      {"fails", {2, StepStatus::kFailed}},       {"warns", {2, StepStatus::kWarned}},
      {"allows_two", {2, StepStatus::kDone}},    {"wants_one", {2, StepStatus::kFailed}},
      {"fails_where", {1, StepStatus::kFailed}}, {"holds_where", {0, StepStatus::kDone}},
      {"limited", {1, StepStatus::kFailed}},     {"one_kind", {1, StepStatus::kFailed}},
  };
  ASSERT_EQ(nodes.size(), expected.size());
  for (const auto& [name, verdict] : expected) {
    SCOPED_TRACE(name);
    EXPECT_EQ(nodes[name].failures, verdict.first);
    EXPECT_EQ(nodes[name].step.status, verdict.second);
  }
}

TEST_F(InvokeTest, ErrorsOnNothingAreSeenEvenWhenTheLogKnowsTheCount) {
  ProjectFolder folder({{"models/rows.sql", "{{ config(materialized='table') }} select 1 as id"},
                        {"models/schema.yml",
                         "models:\n"
                         "  - name: rows\n"
                         "    columns: [{name: id, data_tests: [{not_null: {name: must_fail, error_if: '= 0'}}]}]\n"}});
  EXPECT_EQ(RunWell(folder)["must_fail"].step.status, StepStatus::kFailed);
}

TEST_F(InvokeTest, AProjectsOwnNotNullIsTheOneThatRuns) {
  ProjectFolder folder(
      {{"models/rows.sql", kRows},
       {"macros/own.sql", "{% test not_null(model, column_name) %}select 1 from range(7){% endtest %}"},
       {"models/schema.yml",
        "models:\n"
        "  - name: rows\n"
        "    columns: [{name: id, data_tests: [{not_null: {name: own}}]}]\n"}});
  EXPECT_EQ(RunWell(folder)["own"].failures, 7);
}

TEST_F(InvokeTest, NullsBehindViewsAndInChangedTablesAreCounted) {
  ProjectFolder folder({{"models/rows.sql", kRows},
                        {"models/seen.sql", "{{ config(materialized='view') }} select id from {{ ref('rows') }}"},
                        {"models/schema.yml",
                         "models:\n"
                         "  - {name: rows, columns: [{name: kind, data_tests: [{not_null: {name: of_table}}]}]}\n"
                         "  - {name: seen, columns: [{name: id, data_tests: [{not_null: {name: of_view}}]}]}\n"}});
  RunWell(folder, Command::kRun);
  EXPECT_EQ(RunWell(folder, Command::kTest)["of_view"].failures, 2);
  auto session = *engine_->Connect();
  ASSERT_TRUE(session->Execute("update main.rows set kind = null where kind = 'b'"));
  EXPECT_EQ(RunWell(folder, Command::kTest)["of_table"].failures, 2);
  ASSERT_TRUE(session->Execute("delete from main.rows where kind is null"));
  EXPECT_EQ(RunWell(folder, Command::kTest)["of_table"].failures, 0);
}

/// Each node has enough for itself, both have not: whichever fails is run again when the other has ended.
TEST_F(InvokeTest, WhatRanOutOfMemoryBesideAnotherIsRunAgainAlone) {
  Open("190MiB");
  const std::string sql =
      "{{ config(materialized='table') }} select sum(len(texts))::bigint as n from (select i % 4 as k, "
      "list(i::varchar) as texts from range(3000000) as t(i) group by k)";
  const ProjectFolder folder({{"models/one.sql", sql}, {"models/other.sql", sql}});
  for (int round = 0; round < 3; ++round) RunWell(folder, Command::kRun);
  EXPECT_EQ(Rows("select (select n from main.one), (select n from main.other)"),
            std::vector<std::string>{"3000000|3000000"});
}

class SkippingTest : public InvokeTest {
 protected:
  /// What became of the node in a build that leaves out what has not changed.
  StepStatus Built(const ProjectFolder& folder, const std::string& node) {
    InvokeOptions options = folder.Options();
    options.command = Command::kBuild;
    options.skip_unchanged = true;
    auto nodes = RunTest::Run(options);
    for (const auto& [name, result] : nodes) EXPECT_FALSE(result.error) << result.error->ToString();
    return nodes[node].step.status;
  }

  void Build(const ProjectFolder& folder, const std::string& node, StepStatus first, StepStatus second) {
    SCOPED_TRACE(node);
    EXPECT_EQ(Built(folder, node), first);
    EXPECT_EQ(Built(folder, node), second);
  }
};

ProjectFolder Table(const std::string& sql) {
  return ProjectFolder({{"models/made.sql", "{{ config(materialized='table') }} " + sql}});
}

TEST_F(SkippingTest, WhatFollowsFromItsInputsIsLeftOut) {
  Build(Table("select 1 as a"), "main.made", StepStatus::kDone, StepStatus::kNothing);
}

TEST_F(SkippingTest, WhatReadsMoreThanItsInputsIsBuiltAgain) {
  ASSERT_TRUE(Execute("create table main.unnamed as select 1 as a"));
  for (const char* sql :
       {"select a from main.unnamed", "select count(*) as n from table_history('main.unnamed')", "select now() as at",
        "select current_date as day", "select random() as r", "select count(*) as n from duckdb_tables()"}) {
    Build(Table(sql), "main.made", StepStatus::kDone, StepStatus::kDone);
  }
}

TEST_F(SkippingTest, AnIncrementalModelMayReadItself) {
  const ProjectFolder folder({{"models/source_rows.sql", "{{ config(materialized='table') }} select 1 as a"},
                              {"models/made.sql",
                               "{{ config(materialized='incremental') }} select a from {{ ref('source_rows') }}"
                               "{% if is_incremental() %} where a > (select max(a) from {{ this }}){% endif %}"}});
  EXPECT_EQ(Built(folder, "main.made"), StepStatus::kDone);
  EXPECT_EQ(Built(folder, "main.made"), StepStatus::kNothing);
}

TEST_F(SkippingTest, AMarkIsTakenBackByWhatLeavesNone) {
  const std::string before = "select 1 as a";
  EXPECT_EQ(Built(Table(before), "main.made"), StepStatus::kDone);
  EXPECT_EQ(Built(Table("select extract(year from now()) as a"), "main.made"), StepStatus::kDone);
  EXPECT_EQ(Built(Table(before), "main.made"), StepStatus::kDone) << "the table is no longer what it was";
  EXPECT_EQ(Rows("select * from main.made"), std::vector<std::string>{"1"});
}

TEST_F(SkippingTest, ATestThatReadsMoreIsAskedAgain) {
  ASSERT_TRUE(Execute("create table main.unnamed as select 1 as a"));
  const ProjectFolder folder(
      {{"models/made.sql", "{{ config(materialized='table') }} select 1 as a"},
       {"tests/closed.sql", "select * from {{ ref('made') }} where a > 1"},
       {"tests/open.sql", "select * from {{ ref('made') }} join main.unnamed using (a) where a > 1"}});
  EXPECT_EQ(Built(folder, "closed"), StepStatus::kDone);
  EXPECT_EQ(Built(folder, "closed"), StepStatus::kNothing);
  EXPECT_EQ(Built(folder, "open"), StepStatus::kDone);
}

}  // namespace
}  // namespace smelt::transform
