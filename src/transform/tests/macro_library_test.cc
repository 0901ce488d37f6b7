// The built-in macros: what they write, and how projects replace them.

#include <gtest/gtest.h>

#include <cctype>

#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

/// Runs of white space as one blank, none at the ends.
std::string Normalised(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool is_blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!is_blank) out += c;
    if (is_blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  return out.ends_with(' ') ? out.substr(0, out.size() - 1) : out;
}

/// What a model with this text compiles to in a project with these macros.
std::string Rendered(const std::string& text, const std::string& macros = "") {
  ProjectFolder folder({{"models/m.sql", text}, {"models/sales.sql", "select 1 as id"}, {"macros/own.sql", macros}});
  auto project = LoadGood(folder);
  return project == nullptr ? "" : Normalised(Compiled(*project, "model.shop.m"));
}

TEST(MacroLibrary, WritesWhatDbtWritesOnDuckDb) {
  const std::pair<const char*, const char*> expected[] = {
      {"dbt.concat(['a', 'b'])", "a || b"},
      {"dbt.length('a')", "length( a )"},
      {"dbt.position(\"'x'\", 'a')", "position( 'x' in a )"},
      {"dbt.replace('a', 'b', 'c')", "replace( a, b, c )"},
      {"dbt.right('a', 2)", "right( a, 2 )"},
      {"dbt.split_part('a', \"'|'\", -1)", "string_split(a, '|')[ -1 ]"},
      {"dbt.hash('a')", "md5(cast(a as TEXT))"},
      {"dbt.type_string() ~ dbt.type_numeric() ~ dbt.type_int()", "TEXTnumeric(28,6)integer"},
      {"dbt.safe_cast('a', 'date')", "cast(a as date)"},
      {"dbt.cast_bool_to_text('a')", "cast(a as TEXT)"},
      {"dbt.any_value('a') ~ ' ' ~ dbt.bool_or('a')", "arbitrary(a) bool_or(a)"},
      {"dbt.listagg('a', \"'|'\", 'order by b')", "string_agg( a, '|' order by b )"},
      {"dbt.listagg('a', \"'|'\", none, 2)", "list_aggr( (array_agg( a ))[1:2], 'string_agg', '|' )"},
      {"dbt.equals('a', 'b')", "(a = b)"},
      {"dbt.array_construct([1, 2])", "array[ 1 , 2 ]"},
      {"dbt.array_construct()", "array[]::integer[]"},
      {"dbt.array_concat('a', 'b')", "array_cat(a, b)"},
      {"dbt.date(2024, 2, 3)", "make_date(2024, 2, 3)"},
      {"dbt.date_trunc('month', 'd')", "date_trunc('month', d)"},
      {"dbt.dateadd('QUARTER', 'n', 'd')", "(d + (cast(n as bigint) * 3) * interval 1 month)"},
      {"dbt.dateadd('day', 1, 'd')", "(d + cast(1 as bigint) * interval 1 day)"},
      {"dbt.datediff('a', 'b', 'month')", "(date_diff('month', a::timestamp, b::timestamp ))"},
      {"dbt.last_day('d', 'month')",
       "cast( ( (date_trunc('month', d) + cast(1 as bigint) * interval 1 month) + cast(-1 as bigint) * interval 1 day) "
       "as date)"},
      {"dbt.get_intervals_between('a', 'b', 'day')", "1"},
      {"dbt.generate_series(3)", "select generate_series as generated_number from generate_series(1, 3)"},
      {"dbt.get_powers_of_two(5)", "3"},
      {"dbt.current_timestamp() ~ dbt.snapshot_get_time()", "now()now()::timestamp"},
      {"dbt.partition_range('20240130,20240201')", "['20240130', '20240131', '20240201']"},
      {"dbt.get_test_sql('q', 'count(*)', '> 1', '> 2', 5)",
       "select count(*) as failures, count(*) > 1 as should_warn, count(*) > 2 as should_error from ( q limit 5 ) "
       "dbt_internal_test"},
      {"dbt.before_begin('q')", "{\"sql\": \"q\", \"transaction\": false}"},
      {"dbt.make_backup_relation(ref('sales'), 'view')", "\"lake\".\"main\".\"sales__dbt_backup\""},
      {"dbt.make_temp_relation(ref('sales')).schema", "None"},
      {"dbt.get_empty_schema_sql({'a': {'name': 'a', 'data_type': 'date'}, "
       "'b': {'name': 'B', 'data_type': 'text', 'quote': true}})",
       "select cast(null as date) as a, cast(null as text) as \"B\""},
      {"dbt.get_expected_sql([{'A': 1}, {'a': none}], {'a': 'date'}, {'a': '\"a\"'})",
       "select cast(1 as date) as \"a\" union all select cast(null as date) as \"a\""},
      {"dbt.get_revoke_sql(ref('sales'), 'select', ['a', 'b'])",
       "revoke select on \"lake\".\"main\".\"sales\" from \"a\", \"b\""},
      {"dbt.get_dcl_statement_list(ref('sales'), {'select': ['a'], 'insert': []}, get_grant_sql)",
       "['grant select on \"lake\".\"main\".\"sales\" to a']"},
      {"get_create_backup_sql(ref('sales').incorporate(type='view'))",
       "drop view if exists \"lake\".\"main\".\"sales__dbt_backup\" cascade; alter view \"lake\".\"main\".\"sales\" "
       "rename to \"sales__dbt_backup\""},
      {"generate_schema_name(' x ', none) ~ generate_schema_name_for_env('x', none)", "main_xmain"},
      {"dbt.run_query is defined and dbt.statement is defined and dbt.is_incremental is defined", "True"},
  };
  for (const auto& [call, text] : expected) EXPECT_EQ(Rendered(std::string("{{ ") + call + " }}"), text) << call;
}

TEST(MacroLibrary, WeeksAreCountedFromSunday) {
  EXPECT_EQ(Rendered("{{ dbt.datediff('a', 'b', 'week') }}"),
            "( (date_diff('day', a::timestamp, b::timestamp )) // 7 + case when date_part('dow', (a)::timestamp) <= "
            "date_part('dow', (b)::timestamp) then case when a <= b then 0 else -1 end else case when a <= b then 1 "
            "else 0 end end)");
}

TEST(MacroLibrary, ProjectsReplaceWhatIsDispatched) {
  const std::string own =
      "{% macro default__concat(fields) %}of the project{% endmacro %}"
      "{% macro default__any_value(expression) %}never: the built-in one is for the database{% endmacro %}"
      "{% macro duckdb__only_here() %}here{% endmacro %}"
      "{% macro only_here() %}{{ return(adapter.dispatch('only_here')()) }}{% endmacro %}";
  EXPECT_EQ(Rendered("{{ dbt.concat(['a']) }}", own), "of the project");
  EXPECT_EQ(Rendered("{{ concat(['a']) }}", own), "of the project");
  EXPECT_EQ(Rendered("{{ adapter.dispatch('any_value')('a') }}", own), "arbitrary(a)");
  EXPECT_EQ(Rendered("{{ adapter.dispatch('any_value', 'dbt')('a') }}", own),
            "never: the built-in one is for the database");
  EXPECT_EQ(Rendered("{{ only_here() }}", own), "here");
}

TEST(MacroLibrary, GenericTestsReadThroughTheWhereSubquery) {
  const std::string properties =
      "models: [{name: m, data_tests: [{not_null: {name: t, column_name: id, where: id > 1}}]}]";
  ProjectFolder plain({{"models/m.sql", "select 1 as id"}, {"models/m.yml", properties}});
  auto compiled = [](const ProjectFolder& folder) {
    auto project = LoadGood(folder);
    for (const auto& [id, node] : project->manifest().nodes) {
      if (node.name == "t")
        return Normalised(Compiled(*project, id)) + (project->IsBuiltInTest(node, "not_null") ? "" : "!");
    }
    return std::string();
  };
  EXPECT_EQ(compiled(plain),
            "select id from (select * from \"lake\".\"main\".\"m\" where id > 1) dbt_subquery where id is null");
  ProjectFolder replaced({{"models/m.sql", "select 1 as id"},
                          {"models/m.yml", properties},
                          {"macros/own.sql",
                           "{% macro get_where_subquery(relation) %}{{ return('part_of_it') }}{% endmacro %}"
                           "{% macro default__test_not_null(model, column_name) %}own {{ model }}{% endmacro %}"}});
  EXPECT_EQ(compiled(replaced), "own part_of_it!");
}

TEST(MacroLibrary, SqlHeadersAreSettings) {
  ProjectFolder folder(
      ProjectFolder::Files{{"models/m.sql", "{% call set_sql_header(config) %}set threads = 1;{% endcall %}select 1"}});
  auto project = LoadGood(folder);
  EXPECT_EQ(project->manifest().nodes.at("model.shop.m").config.all["sql_header"], "set threads = 1;");
  EXPECT_EQ(Compiled(*project, "model.shop.m"), "select 1");
}

TEST(MacroLibrary, FixturesNameTheColumnsThatTheyHave) {
  ProjectFolder folder(
      ProjectFolder::Files{{"models/m.sql", "{{ dbt.format_row({'z': 1}, {'a': 'date', 'b': 'date'}) }}"}});
  auto project = folder.Load();
  ASSERT_FALSE(project);
  EXPECT_NE(project.error().message().find("there is no column 'z'; its columns are a, b"), std::string::npos)
      << project.error().ToString();
}

}  // namespace
}  // namespace smelt::transform
