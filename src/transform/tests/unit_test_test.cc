#include <gtest/gtest.h>

#include "transform/internal/project/fixture_rows.h"
#include "transform/internal/run/row_difference.h"
#include "transform/tests/run_fixture.h"

namespace smelt::transform {
namespace {

constexpr const char* kTotals =
    "{{ config(materialized='table') }} select kind, sum(amount)::decimal(12, 2) as total from {{ ref('orders') }} "
    "where amount > {{ var('least', 0) }} {{ only() }} group by kind";
constexpr const char* kOrders = "select 1 as id, 'a' as kind, 1.5::decimal(10, 2) as amount, date '2024-01-01' as day";
constexpr const char* kOnly = "{% macro only() %}{% endmacro %}";

class UnitTestTest : public RunTest {
 protected:
  /// Runs one unit test of the model "totals", whose YAML follows the line with its model.
  NodeResult RunOne(const std::string& yaml, const ProjectFolder::Files& more = {}) {
    ProjectFolder::Files files = {
        {"models/orders.sql", kOrders}, {"models/totals.sql", kTotals}, {"macros/only.sql", kOnly}};
    for (const auto& [name, text] : more) files[name] = text;
    files["models/unit.yml"] = "unit_tests:\n  - name: one\n    model: totals\n" + yaml;
    auto results = Run(ProjectFolder(files), Command::kTest);
    EXPECT_EQ(results.size(), 1U);
    EXPECT_TRUE(results.contains("totals::one"));
    return results["totals::one"];
  }

  static void ExpectPass(const NodeResult& result) {
    EXPECT_FALSE(result.error) << result.error->ToString();
    EXPECT_EQ(result.step.status, StepStatus::kDone) << result.step.message;
    EXPECT_EQ(result.failures, 0);
  }
};

TEST_F(UnitTestTest, ComparesWhatTheModelMakesOfTheGivenRows) {
  const char* given = "    given: [{input: ref('orders'), rows: [{kind: a, amount: 1}, {kind: a, amount: 2.5}]}]\n";
  ExpectPass(RunOne(std::string(given) + "    expect: {rows: [{kind: a, total: 3.5}]}\n"));
  const NodeResult wrong = RunOne(std::string(given) + "    expect: {rows: [{kind: a, total: 4}]}\n");
  EXPECT_EQ(wrong.step.status, StepStatus::kFailed);
  EXPECT_EQ(wrong.failures, 1);
  EXPECT_FALSE(wrong.error);
  EXPECT_NE(wrong.step.message.find("4.00 → 3.50"), std::string::npos) << wrong.step.message;
}

TEST_F(UnitTestTest, ComparesTheColumnsThatAreNamedAndCountsRows) {
  const char* given = "    given: [{input: ref('orders'), rows: [{KIND: a, amount: 1}, {kind: b, amount: 1}]}]\n";
  ExpectPass(RunOne(std::string(given) + "    expect: {rows: [{Total: 1}, {Total: 1}]}\n"));
  const NodeResult once = RunOne(std::string(given) + "    expect: {rows: [{total: 1}]}\n");
  EXPECT_EQ(once.step.status, StepStatus::kFailed);
  const NodeResult none = RunOne(std::string(given) + "    expect: {rows: []}\n");
  EXPECT_EQ(none.step.status, StepStatus::kFailed);
}

TEST_F(UnitTestTest, ProjectsMayHaveTheirOwnMacrosForFixtures) {
  const char* yaml =
      "    given: [{input: ref('orders'), rows: [{kind: a, amount: 1}]}]\n"
      "    expect: {rows: [{kind: a, total: 1}]}\n";
  ExpectPass(RunOne(yaml));
  const NodeResult rounded =
      RunOne(yaml, {{"macros/side.sql",
                     "{% macro get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) %}"
                     "select 'a' as kind, 7 as total, 'actual' as side union all "
                     "select *, 'expected' from ({{ expected_fixture_sql }}) as e{% endmacro %}"}});
  EXPECT_NE(rounded.step.message.find("1.00 → 7.00"), std::string::npos) << rounded.step.message;
  const NodeResult refused =
      RunOne(yaml, {{"macros/check.sql",
                     "{% macro duckdb__validate_fixture_rows(rows, row_number) %}{% do "
                     "exceptions.raise_compiler_error('no such rows: ' ~ rows | length) %}{% endmacro %}"}});
  ASSERT_TRUE(refused.error);
  EXPECT_NE(refused.error->ToString().find("no such rows: 1"), std::string::npos);
}

TEST_F(UnitTestTest, TakesRowsAsSqlAsCsvAndFromFiles) {
  ExpectPass(
      RunOne("    given:\n      - {input: ref('orders'), format: csv, rows: \"kind,amount\\na,2\\n,\\n\"}\n"
             "    expect: {format: sql, rows: \"select 'a' as kind, 2.0 as total\"}\n"));
  ExpectPass(
      RunOne("    given: [{input: ref('orders'), format: sql, rows: \"select 'z' as kind, {{ 1 + 1 }} as amount\"}]\n"
             "    expect: {format: csv, fixture: wanted}\n",
             {{"tests/fixtures/wanted.csv", "kind,total\nz,2\n"}}));
}

TEST_F(UnitTestTest, OverridesVariablesMacrosAndTheEnvironment) {
  ExpectPass(RunOne(
      "    overrides: {vars: {least: 2}, macros: {only: \"and kind = 'b'\"}}\n"
      "    given: [{input: ref('orders'), rows: [{kind: a, amount: 9}, {kind: b, amount: 1}, {kind: b, amount: 3}]}]\n"
      "    expect: {rows: [{kind: b, total: 3}]}\n"));
  ExpectPass(RunOne(
      "    overrides: {env_vars: {SMELT_UNIT: x}, macros: {tools.word: y, invocation_id: z}}\n"
      "    expect: {rows: [{t: xyz}]}\n",
      {{"models/totals.sql", "select '{{ env_var('SMELT_UNIT', 'unset') }}{{ tools.word() }}{{ invocation_id }}' as t"},
       {"dbt_packages/tools/dbt_project.yml", "name: tools\n"},
       {"dbt_packages/tools/macros/word.sql", "{% macro word() %}other{% endmacro %}"},
       {"packages.yml", "packages: [{local: dbt_packages/tools}]\n"}}));
}

TEST_F(UnitTestTest, AnIncrementalModelSeesTheRowsOfThis) {
  const ProjectFolder::Files grows = {
      {"models/totals.sql",
       "{{ config(materialized='incremental') }} select id, amount from {{ ref('orders') }}"
       "{% if is_incremental() %} where id > (select max(id) from {{ this }}){% endif %}"}};
  const char* orders = "      - {input: ref('orders'), rows: [{id: 1, amount: 1}, {id: 2, amount: 2}]}\n";
  ExpectPass(RunOne(std::string("    overrides: {macros: {is_incremental: true}}\n    given:\n") + orders +
                        "      - {input: this, rows: [{id: 1}]}\n    expect: {rows: [{id: 2, amount: 2}]}\n",
                    grows));
  ExpectPass(RunOne(std::string("    overrides: {macros: {is_incremental: false}}\n    given:\n") + orders +
                        "    expect: {rows: [{id: 2, amount: 2}, {id: 1, amount: 1}]}\n",
                    grows));
}

TEST_F(UnitTestTest, KnowsColumnsOfInputsThatAreNotBuilt) {
  const ProjectFolder::Files chain = {
      {"models/totals.sql",
       "select typeof(s.n) as n, typeof(q.day) as d, typeof(e.k) as k from {{ ref('seeded') }} s, "
       "{{ source('raw', 'q') }} q, {{ ref('late') }} e"},
      {"seeds/seeded.csv", "n,w\n1,x\n"},
      {"models/late.sql", "{{ config(materialized='ephemeral') }} select id * 2 as k from {{ ref('orders') }}"},
      {"models/raw.yml", "sources: [{name: raw, tables: [{name: q, columns: [{name: day, data_type: date}]}]}]\n"}};
  ExpectPass(
      RunOne("    given: [{input: ref('seeded')}, {input: \"source('raw', 'q')\", rows: [{}]}, {input: ref('late'), "
             "rows: [{k: 1}]}]\n"
             "    expect: {rows: [{n: BIGINT, d: DATE, k: INTEGER}]}\n",
             chain));
}

TEST_F(UnitTestTest, ErrorsNameTheTestAndTheCure) {
  const NodeResult missing = RunOne("    given: []\n    expect: {rows: [{kind: a}]}\n");
  ASSERT_TRUE(missing.error);
  EXPECT_NE(missing.error->hint().find("- {input: ref('orders'), rows: []}"), std::string::npos);
  const NodeResult column =
      RunOne("    given: [{input: ref('orders'), rows: [{amuont: 1}]}]\n    expect: {rows: [{kind: a}]}\n");
  ASSERT_TRUE(column.error);
  EXPECT_EQ(column.error->message(), "'orders' has no column 'amuont'");
  EXPECT_EQ(column.error->hint(), "did you mean 'amount'?");
  EXPECT_EQ(column.error->file(), "models/unit.yml");
  const NodeResult uneven =
      RunOne("    given: [{input: ref('orders'), rows: []}]\n    expect: {rows: [{kind: a, total: 1}, {kind: b}]}\n");
  ASSERT_TRUE(uneven.error);
  EXPECT_NE(uneven.error->message().find("same columns"), std::string::npos);
}

TEST_F(UnitTestTest, AModelIsBuiltOnlyWhenItsUnitTestsPass) {
  const std::string test =
      "unit_tests:\n"
      "  - name: one\n    model: totals\n"
      "    given: [{input: ref('orders'), rows: [{kind: a, amount: 1}]}]\n"
      "    expect: {rows: [{kind: a, total: ";
  ProjectFolder folder({{"models/orders.sql", kOrders},
                        {"models/totals.sql", kTotals},
                        {"models/after.sql", "select * from {{ ref('totals') }}"},
                        {"macros/only.sql", kOnly},
                        {"models/unit.yml", test + "2}]}\n"}});
  auto results = Run(folder, Command::kBuild);
  EXPECT_EQ(results["main.orders"].step.status, StepStatus::kDone);
  EXPECT_EQ(results["totals::one"].step.status, StepStatus::kFailed);
  EXPECT_EQ(results["main.totals"].step.status, StepStatus::kSkipped);
  EXPECT_EQ(results["main.after"].step.status, StepStatus::kSkipped);
  folder.Write("models/unit.yml", test + "1}]}\n");
  results = Run(folder, Command::kBuild);
  EXPECT_EQ(results["main.after"].step.status, StepStatus::kDone);
  EXPECT_FALSE(Run(folder, Command::kRun).contains("totals::one"));
}

TEST_F(UnitTestTest, EachVersionOfAModelHasItsOwn) {
  ProjectFolder folder(
      {{"models/m_v1.sql", "select 1 as x"},
       {"models/m_v2.sql", "select 1 as x"},
       {"models/m_v3.sql", "select 1 as x"},
       {"models/unit.yml",
        "models: [{name: m, latest_version: 2, versions: [{v: 1}, {v: 2}, {v: 3}]}]\n"
        "unit_tests:\n"
        "  - {name: all, model: m, given: [], expect: {rows: [{x: 1}]}}\n"
        "  - {name: some, model: m, versions: {exclude: [3]}, given: [], expect: {rows: [{x: 1}]}}\n"}});
  const auto results = Run(folder, Command::kTest);
  EXPECT_EQ(results.size(), 5U);
  EXPECT_TRUE(results.contains("m::all_v3"));
  EXPECT_FALSE(results.contains("m::some_v3"));
}

TEST(UnitTestFiles, WhatCannotBeMeantIsRefused) {
  const auto error_of = [](const std::string& yaml, const std::string& model = "select 1 as x") {
    return LoadError({{"models/m.sql", model}, {"models/unit.yml", "unit_tests:\n" + yaml}});
  };
  EXPECT_EQ(error_of("  - {name: t, model: gone, expect: {rows: []}}\n").message(), "there is no model 'gone'");
  EXPECT_NE(error_of("  - {name: t, model: m, expect: {rows: x}}\n").message().find("no list of maps"),
            std::string::npos);
  EXPECT_NE(
      error_of("  - {name: t, model: m, expect: {format: csv, rows: [{x: 1}]}}\n").message().find("csv is a text"),
      std::string::npos);
  EXPECT_NE(
      error_of("  - {name: t, model: m, expect: {format: csv, fixture: f}}\n").hint().find("tests/fixtures/f.csv"),
      std::string::npos);
  const std::string grows = "{{ config(materialized='incremental') }} select {{ is_incremental() }} as x";
  EXPECT_NE(error_of("  - {name: t, model: m, expect: {rows: []}}\n", grows).hint().find("is_incremental: true"),
            std::string::npos);
  EXPECT_NE(
      error_of("  - {name: t, model: m, overrides: {macros: {is_incremental: true}}, expect: {rows: []}}\n", grows)
          .hint()
          .find("input: this"),
      std::string::npos);
}

TEST(FixtureRows, CsvIsReadLikeADictOfTexts) {
  EXPECT_EQ(JsonText(CsvRows("a,b\r\n1,\n\n\"x,\"\"y\"\"\",\"2\n3\"\n4\n")),
            R"([{"a":"1","b":null},{"a":"x,\"y\"","b":"2\n3"},{"a":"4","b":null}])");
  EXPECT_EQ(JsonText(CsvRows("")), "[]");
  Json rows = CsvRows("a,b\n1,\n2,3\n");
  PutWholeRowFirst(rows);
  EXPECT_EQ(rows.front()["a"], "2");
}

TEST(RowDifference, SetsRowsAgainstTheNearest) {
  const std::vector<engine::ResultColumn> columns = {{"id", "INTEGER", engine::TypeKind::kInteger},
                                                     {"name", "VARCHAR", engine::TypeKind::kText}};
  EXPECT_EQ(DescribeDifference({columns, {{"2", "b"}, {"1", "a"}}, {{"1", "a"}, {"2", "b"}}}), "");
  EXPECT_EQ(DescribeDifference({columns,
                                {{"1", "a"}, {"2", "b"}, {"30", std::nullopt}, {"9", "same"}},
                                {{"9", "same"}, {"1", "ä"}, {"44", "new"}, {"2", "b"}, {"2", "b"}}}),
            "actual differs from expected:\n"
            "\n"
            "       id | name\n"
            "  →     1 | a → ä\n"
            "  ---  30 | NULL\n"
            "  +++   2 | b\n"
            "  +++  44 | new\n"
            "\n"
            "2 rows are as expected");
}

}  // namespace
}  // namespace smelt::transform
