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

}  // namespace
}  // namespace smelt::transform
