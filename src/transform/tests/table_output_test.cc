// Tables as text, metrics and sources in templates, and the rows of seeds.

#include <gtest/gtest.h>

#include "base/file.h"
#include "transform/operation.h"
#include "transform/tests/run_fixture.h"

namespace smelt::transform {
namespace {

class TableOutputTest : public RunTest {
 protected:
  /// What an operation prints that asks for two rows and calls `call` on their table.
  std::string Printed(const ProjectFolder& folder) {
    std::string printed;
    InvokeOptions options = folder.Options();
    options.command = Command::kRunOperation;
    options.print = [&printed](std::string_view text) { printed += std::string(text) + "\n"; };
    auto result = RunOperation(*engine_, options, "show", Json::object());
    EXPECT_TRUE(result) << result.error().ToString();
    if (result) {
      EXPECT_FALSE(result->error) << result->error->ToString();
    }
    return printed;
  }
  static ProjectFolder::Files Calling(const std::string& call) {
    return {{"dbt_project.yml", "name: shop\n"},
            {"macros/show.sql",
             "{% macro show() %}{% set t = run_query(\"select 1 as id, 'a, b' as text, 1.50 as price, "
             "timestamp '2024-01-02 03:04:05' as at union all select 2, null, 2.25, null order by 1\") %}{% do t." +
                 call + " %}{% endmacro %}"}};
  }
};

TEST_F(TableOutputTest, PrintsCsv) {
  EXPECT_EQ(Printed(ProjectFolder(Calling("print_csv()"))),
            "id,text,price,at\n1,\"a, b\",1.50,2024-01-02T03:04:05\n2,,2.25,\n");
}

TEST_F(TableOutputTest, PrintsJson) {
  EXPECT_EQ(Printed(ProjectFolder(Calling("select(['id', 'price']).print_json()"))),
            "[{\"id\": 1, \"price\": 1.5}, {\"id\": 2, \"price\": 2.25}]\n");
  EXPECT_EQ(Printed(ProjectFolder(Calling("select(['id', 'text']).print_json(key='id')"))),
            "{\"1\": {\"id\": 1, \"text\": \"a, b\"}, \"2\": {\"id\": 2, \"text\": null}}\n");
  EXPECT_EQ(Printed(ProjectFolder(Calling("select('id').print_json(newline=true)"))), "{\"id\": 1}\n{\"id\": 2}\n");
}

TEST_F(TableOutputTest, WritesFilesBelowTheProject) {
  ProjectFolder folder(Calling("select('id').to_json('out/ids.json')"));
  EXPECT_EQ(Printed(folder), "");
  EXPECT_EQ(ReadWholeFile(folder.Options().project_dir + "/out/ids.json").value_or(""), "[{\"id\": 1}, {\"id\": 2}]");
}

TEST_F(TableOutputTest, ASeedSeesItsRows) {
  ProjectFolder folder(
      {{"dbt_project.yml", "name: shop\nseeds: {+post-hook: \"{{ count_rows() }}\"}\n"},
       {"seeds/raw.csv", "id,name\n1,a\n2,b\n"},
       {"macros/count.sql",
        "{% macro count_rows() %}{% if execute %}{% set t = load_agate_table() %}create table main.counted as "
        "select {{ t.rows | length }} as n, '{{ t.column_names | join(' ') }}' as names{% endif %}{% endmacro %}"}});
  Run(folder, Command::kSeed);
  EXPECT_EQ(Rows("select * from main.counted"), std::vector<std::string>{"2|id name"});
}

TEST_F(TableOutputTest, QuotingOfASourceIsItsOwn) {
  ProjectFolder folder({{"dbt_project.yml", "name: shop\nquoting: {schema: false}\n"},
                        {"models/m.sql", "select * from {{ source('raw', 'a') }} cross join {{ source('raw', 'b') }}"},
                        {"models/m.yml",
                         "sources:\n  - name: raw\n    quoting: {identifier: false}\n    tables:\n      - name: a\n"
                         "      - {name: b, quoting: {identifier: true, database: false}}\n"}});
  const auto project = LoadGood(folder);
  EXPECT_EQ(Compiled(*project, "model.shop.m"), "select * from \"lake\".\"raw\".a cross join lake.\"raw\".\"b\"");
}

TEST_F(TableOutputTest, MetricsPrintAsTheirNames) {
  const std::string definition =
      "semantic_models:\n  - name: orders\n    model: ref('orders')\n    defaults: {agg_time_dimension: day}\n"
      "    entities: [{name: id, type: primary}]\n"
      "    dimensions: [{name: day, type: time, type_params: {time_granularity: day}}]\n"
      "    measures: [{name: total, agg: sum}]\n"
      "metrics: [{name: revenue, label: All of it, type: simple, type_params: {measure: total}}]\n";
  ProjectFolder folder(
      {{"dbt_project.yml", "name: shop\n"},
       {"models/orders.sql", "select 1 as id, 2 as total, current_date as day"},
       {"models/m.sql",
        "{{ config(materialized='table') }} select '{{ metric('revenue') }} {{ metric('shop', 'revenue').label }} "
        "{{ graph.metrics.values() | map(attribute='name') | join }}' as text"},
       {"models/m.yml", definition}});
  Run(folder, Command::kRun);
  EXPECT_EQ(Rows("select text from main.m"), std::vector<std::string>{"revenue All of it revenue"});
  folder.Write("models/m.sql", "select '{{ metric('revenu') }}' as text");
  const auto results = Run(folder, Command::kRun);
  ASSERT_TRUE(results.at("main.m").error);
  EXPECT_EQ(results.at("main.m").error->hint(), "did you mean 'revenue'?");
}

}  // namespace
}  // namespace smelt::transform
