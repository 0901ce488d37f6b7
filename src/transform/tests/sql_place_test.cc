#include "transform/internal/run/sql_place.h"

#include <gtest/gtest.h>

#include "engine/session.h"
#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

/// What the engine has to say of a node's SQL, as a part of a statement, at the place in the templates.
Error Placed(const ProjectFolder::Files& files, const std::string& id, bool is_incremental = false) {
  ProjectFolder folder(files);
  const auto project = LoadGood(folder);
  const Node& node = project->manifest().nodes.at(id);
  jinja::SourceMap places;
  CompileContext compile;
  compile.is_incremental = is_incremental;
  compile.places = &places;
  auto sql = project->Compile(node, compile);
  EXPECT_TRUE(sql) << sql.error().ToString();
  auto engine = engine::Engine::OpenWithoutLake(1, "");
  auto session = (*engine)->Connect();
  const auto answer = (*session)->Query("create temp table made as\n" + *sql);
  EXPECT_FALSE(answer) << *sql;
  return PlaceInTemplate(node, *sql, places, answer.error());
}

TEST(SqlPlace, IsTheLineOfTheTemplate) {
  const Error error = Placed({{"models/a.sql",
                               "{{ config(materialized='table') }}\n"
                               "{% set columns = ['x', 'y'] %}\n"
                               "select\n"
                               "  {% for c in columns %}\n"
                               "  1 as {{ c }},\n"
                               "  {% endfor %}\n"
                               "  wrong as z\n"}},
                             "model.shop.a");
  EXPECT_EQ(error.file(), "models/a.sql");
  EXPECT_EQ(error.line(), 7);
  EXPECT_NE(error.message().find("\n  7 |   wrong as z\n    |   ^"), std::string::npos) << error.message();
  EXPECT_EQ(error.message().find("LINE"), std::string::npos) << error.message();
}

TEST(SqlPlace, IsTheExpressionThatMadeTheText) {
  const Error error = Placed({{"models/a.sql", "select 1 as x\nwhere\n  {{ 'no' ~ 'thing' }} > 1\n"}}, "model.shop.a");
  EXPECT_EQ(error.line(), 3);
  EXPECT_NE(error.message().find("{{ 'no' ~ 'thing' }}"), std::string::npos) << error.message();
}

TEST(SqlPlace, NamesTheMacrosThatLedThere) {
  const ProjectFolder::Files files = {{"macros/y.sql",
                                       "{% macro outer(a) %}\n  ({{ inner(a) | trim }})\n{% endmacro %}\n\n"
                                       "{% macro inner(a) %}\n  {{ a }} +\n  missing\n{% endmacro %}\n"},
                                      {"models/a.sql", "select\n  1 as one,\n\n  {{ outer(2) }} as two\n"}};
  const Error error = Placed(files, "model.shop.a");
  EXPECT_EQ(error.file(), "models/a.sql");
  EXPECT_EQ(error.line(), 4);
  EXPECT_NE(error.message().find("\n  7 |   missing\n    |   ^"
                                 "\n  in macro inner (macros/y.sql:7), called from macros/y.sql:2"
                                 "\n  in macro outer (macros/y.sql:2), called from models/a.sql:4"),
            std::string::npos)
      << error.message();
}

TEST(SqlPlace, FollowsBlocksReturnsAndCallers) {
  const ProjectFolder::Files files = {
      {"macros/y.sql",
       "{% macro kept() %}{% set sql %}\nselect 1 as a,\n  gone as b\n{% endset %}{{ return(sql) }}"
       "{% endmacro %}\n"
       "{% macro around() %}select * from ({{ caller() }}) as q{% endmacro %}\n"},
      {"models/a.sql", "\n{{ kept() }}\n"},
      {"models/b.sql", "{% call around() %}\n  select 1 as a,\n  gone as b\n{% endcall %}\n"}};
  const Error kept = Placed(files, "model.shop.a");
  EXPECT_EQ(kept.line(), 2);
  EXPECT_NE(kept.message().find("in macro kept (macros/y.sql:3), called from models/a.sql:2"), std::string::npos)
      << kept.message();
  const Error called = Placed(files, "model.shop.b");
  EXPECT_NE(called.message().find("\n  3 |   gone as b"), std::string::npos) << called.message();
}

TEST(SqlPlace, IsWithinTheEphemeralModel) {
  const ProjectFolder::Files files = {
      {"models/e.sql", "{{ config(materialized='ephemeral') }}\nselect 1 as a,\n  gone as b\n"},
      {"models/f.sql", "{{ config(materialized='ephemeral') }}\nselect * from {{ ref('e') }}\n"},
      {"models/a.sql", "with own as (\n  select * from {{ ref('f') }}\n)\nselect *, lost\nfrom own\n"}};
  const Error inside = Placed(files, "model.shop.a");
  EXPECT_EQ(inside.file(), "models/e.sql");
  EXPECT_EQ(inside.line(), 3);
  ProjectFolder::Files good = files;
  good["models/e.sql"] = "{{ config(materialized='ephemeral') }}\nselect 1 as a\n";
  const Error outside = Placed(good, "model.shop.a");
  EXPECT_EQ(outside.file(), "models/a.sql");
  EXPECT_EQ(outside.line(), 4);
  EXPECT_NE(outside.message().find("select *, lost\n    |           ^"), std::string::npos) << outside.message();
}

TEST(SqlPlace, OfTheSameLineTwiceIsTheRightOne) {
  const Error error = Placed({{"models/a.sql",
                               "with one as (select 1 as a), two as (select 2 as b)\n"
                               "select a\nfrom one\nunion all\nselect a\nfrom two\n"}},
                             "model.shop.a");
  EXPECT_EQ(error.line(), 5) << error.message();
}

TEST(SqlPlace, OfLongLinesIsExact) {
  const std::string padding(300, '1');
  const Error error = Placed({{"models/a.sql", "select 1 as a, '" + padding + "' as b, wrong, '" + padding + "' as c"}},
                             "model.shop.a");
  EXPECT_EQ(error.line(), 1);
  EXPECT_NE(error.message().find("wrong"), std::string::npos) << error.message();
}

TEST(SqlPlace, OfGenericTestsIsInThePropertiesFile) {
  const ProjectFolder::Files files = {
      {"models/a.sql", "select 1 as a"},
      {"macros/t.sql",
       "{% test bad(model, column_name) %}\nselect {{ column_name }},\n  nope\nfrom (select 1 as a)\n"
       "{% endtest %}\n"},
      {"models/s.yml", "models:\n  - name: a\n    columns:\n      - name: a\n        data_tests:\n          - bad\n"}};
  ProjectFolder folder(files);
  const auto project = LoadGood(folder);
  for (const auto& [id, node] : project->manifest().nodes) {
    if (node.type != ResourceType::kGenericTest) continue;
    const Error error = Placed(files, id);
    EXPECT_EQ(error.file(), "models/s.yml");
    EXPECT_EQ(error.line(), 6);
    EXPECT_NE(error.message().find("in macro test_bad (macros/t.sql:3), called from models/s.yml:6"), std::string::npos)
        << error.message();
  }
}

TEST(SqlPlace, OfWhatTheMapDoesNotKnowIsTheFile) {
  Node node;
  node.file = "models/a.sql";
  const Error elsewhere =
      Error(ErrorCode::kSqlBinding, "Binder Error: odd\nLINE 9: from nowhere\n         ^").At("SQL", 9);
  const Error placed = PlaceInTemplate(node, "select 1", jinja::SourceMap(), elsewhere);
  EXPECT_EQ(placed.file(), "models/a.sql");
  EXPECT_EQ(placed.line(), 0);
  EXPECT_EQ(placed.message(), elsewhere.message());
  const Error own = PlaceInTemplate(node, "", jinja::SourceMap(), Error(ErrorCode::kJinjaType, "x").At("b.sql", 3));
  EXPECT_EQ(own.file(), "b.sql");
}

}  // namespace
}  // namespace smelt::transform
