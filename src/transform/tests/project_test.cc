// Loading projects: files, configuration, names, rendering.

#include "transform/internal/project/project.h"

#include <algorithm>

#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

using Ids = std::vector<std::string>;

std::string HashOf(const ProjectFolder& folder, const std::string& id) {
  auto project = LoadGood(folder);
  project->HashDefinitions();
  return project->manifest().nodes.at(id).definition_hash;
}

TEST(ProjectLoad, ReadsTheOlistProject) {
  InvokeOptions options;
  options.project_dir = std::string(SMELT_SOURCE_DIR) + "/projects/olist";
  auto project = Project::Load(options);
  ASSERT_TRUE(project) << project.error().ToString();
  const Manifest& manifest = (*project)->manifest();
  EXPECT_EQ(manifest.project_name, "olist");
  const Node& orders = manifest.nodes.at("model.olist.orders");
  EXPECT_EQ(orders.relation.Text(), "silver.orders");
  EXPECT_EQ(orders.config.materialized, "incremental");
  EXPECT_EQ(orders.config.unique_key, Ids{"order_id"});
  EXPECT_EQ(manifest.nodes.at("model.olist.dim_date").relation.schema, "gold");
  const Node& history = manifest.nodes.at("snapshot.olist.customers_history");
  EXPECT_EQ(history.relation.Text(), "silver.customers_history");
  EXPECT_EQ(history.config.strategy, "check");
  EXPECT_TRUE(manifest.nodes.contains("test.olist.assert_revenue_reconciles"));
  EXPECT_EQ(manifest.order.size(), manifest.nodes.size());
  for (const auto& [id, node] : manifest.nodes) {
    auto sql = (*project)->Compile(node, {});
    EXPECT_TRUE(sql) << sql.error().ToString();
  }
  // What only a later run reads is known, too.
  const Node& revenue = manifest.nodes.at("model.olist.daily_revenue");
  EXPECT_EQ(revenue.source_inputs, (std::vector<RelationName>{{"bronze", "orders"}}));
  auto silver = (*project)->Select({"silver"}, {});
  ASSERT_TRUE(silver) << silver.error().ToString();
  EXPECT_NE(std::ranges::find(*silver, "model.olist.orders"), silver->end());
  EXPECT_NE(std::ranges::find(*silver, "snapshot.olist.customers_history"), silver->end());
  EXPECT_EQ(std::ranges::find(*silver, "model.olist.fact_sales"), silver->end());
}

TEST(ProjectLoad, KeepsDependenciesInOrder) {
  ProjectFolder folder({{"models/c.sql", "select * from {{ ref('b') }} join {{ ref('a') }} join {{ ref('b') }}"},
                        {"models/b.sql", "select * from {{ ref('shop', 'a') }}"},
                        {"models/a.sql", "select * from {{ source('raw', 'rows') }}"},
                        {"models/sources.yml", "sources: [{name: raw, schema: landing, tables: [{name: rows}]}]"}});
  auto project = LoadGood(folder);
  const Manifest& manifest = project->manifest();
  EXPECT_EQ(manifest.order, (Ids{"model.shop.a", "model.shop.b", "model.shop.c"}));
  EXPECT_EQ(manifest.nodes.at("model.shop.c").depends_on, (Ids{"model.shop.b", "model.shop.a"}));
  EXPECT_EQ(manifest.nodes.at("model.shop.a").source_inputs, (std::vector<RelationName>{{"landing", "rows"}}));
  EXPECT_EQ(Compiled(*project, "model.shop.c"),
            "select * from \"lake\".\"main\".\"b\" join \"lake\".\"main\".\"a\" join \"lake\".\"main\".\"b\"");
}

TEST(ProjectLoad, RendersBothWaysOfAnIncrementalModel) {
  ProjectFolder folder({{"models/a.sql", "select 1 as id"},
                        {"models/b.sql",
                         "{{ config(materialized='incremental', unique_key='id') }}"
                         "select * from x{% if is_incremental() %} where id > (select max(id) from {{ this }}) and {{ "
                         "ref('a') }}{% endif %}"}});
  auto project = LoadGood(folder);
  const Node& node = project->manifest().nodes.at("model.shop.b");
  EXPECT_EQ(node.depends_on, Ids{"model.shop.a"});
  EXPECT_EQ(node.config.incremental_strategy, "");
  EXPECT_EQ(Compiled(*project, "model.shop.b", false), "select * from x");
  EXPECT_EQ(Compiled(*project, "model.shop.b", true),
            "select * from x where id > (select max(id) from \"lake\".\"main\".\"b\") and \"lake\".\"main\".\"a\"");
}

TEST(ProjectConfig, FileWinsOverPropertiesOverProject) {
  ProjectFolder folder({{"dbt_project.yml",
                         "name: shop\n"
                         "models:\n"
                         "  +tags: all\n"
                         "  shop:\n"
                         "    +schema: base\n"
                         "    +pre-hook: select 1\n"
                         "    +meta: {owner: x, team: y}\n"
                         "    gold:\n"
                         "      +schema: gold\n"
                         "      materialized: table\n"
                         "      c:\n"
                         "        +materialized: view\n"},
                        {"models/gold/a.sql", "{{ config(alias='aa', tags=['file'], post_hook=['x', 'y']) }}select 1"},
                        {"models/gold/b.sql", "{{ config(materialized='incremental') }}select 1"},
                        {"models/gold/c.sql", "select 1"},
                        {"models/d.sql", "select 1"},
                        {"models/gold/schema.yml",
                         "models:\n"
                         "  - name: a\n"
                         "    description: An a.\n"
                         "    config: {schema: special, tags: [yml], meta: {owner: z}, full_refresh: false}\n"
                         "    columns: [{name: id, description: The id.}]\n"
                         "  - name: b\n"
                         "    config: {materialized: table}\n"}});
  auto project = LoadGood(folder);
  const auto& nodes = project->manifest().nodes;
  const Node& a = nodes.at("model.shop.a");
  EXPECT_EQ(a.relation.Text(), "main_special.aa");
  EXPECT_EQ(a.config.materialized, "table");
  EXPECT_EQ(a.tags, (Ids{"all", "file", "yml"}));
  ASSERT_EQ(a.config.pre_hook.size(), 1U);
  EXPECT_EQ(a.config.pre_hook[0].sql, "select 1");
  ASSERT_EQ(a.config.post_hook.size(), 2U);
  EXPECT_EQ(a.config.post_hook[1].sql, "y");
  EXPECT_EQ(a.config.all["meta"], Json({{"owner", "z"}, {"team", "y"}}));
  EXPECT_EQ(a.config.full_refresh, false);
  EXPECT_EQ(a.description, "An a.");
  EXPECT_EQ(a.columns.at(0).description, "The id.");
  EXPECT_EQ(nodes.at("model.shop.b").config.materialized, "incremental");
  EXPECT_EQ(nodes.at("model.shop.b").config.incremental_strategy, "");
  EXPECT_EQ(nodes.at("model.shop.c").config.materialized, "view");
  EXPECT_EQ(nodes.at("model.shop.d").relation.Text(), "main_base.d");
}

TEST(ProjectConfig, RendersTemplatesInYaml) {
  ProjectFolder folder({{"dbt_project.yml",
                         "name: shop\n"
                         "vars: {layer: gold, on: true, shop: {layer: silver}}\n"
                         "models:\n"
                         "  shop:\n"
                         "    +schema: \"{{ var('layer') }}\"\n"
                         "    +enabled: \"{{ var('on') }}\"\n"},
                        {"models/a.sql", "select {{ var('x', 5) }}"},
                        {"models/docs.md", "{% docs a_doc %}All of a.{% enddocs %}"},
                        {"models/a.yml",
                         "models: [{name: a, description: \"{{ doc('a_doc') }}\"}]\n"
                         "sources:\n"
                         "  - name: raw\n"
                         "    schema: \"{{ env_var('SMELT_TEST_NO_SUCH_VARIABLE', 'bronze') }}\"\n"
                         "    tables: [{name: t, identifier: \"t_{{ target.name }}\"}]\n"},
                        {"models/b.sql", "select * from {{ source('raw', 't') }}"}});
  auto project = LoadGood(folder);
  EXPECT_EQ(project->manifest().nodes.at("model.shop.a").relation.Text(), "main_silver.a");
  EXPECT_EQ(project->manifest().nodes.at("model.shop.a").description, "All of a.");
  EXPECT_EQ(Compiled(*project, "model.shop.b"), "select * from \"lake\".\"bronze\".\"t_dev\"");

  InvokeOptions options = folder.Options();
  options.vars = {{"on", false}};
  EXPECT_TRUE(LoadGood(options)->manifest().nodes.empty());
}

TEST(ProjectMacros, SeeTheContextAndEachOther) {
  ProjectFolder folder(
      {{"macros/m.sql",
        "{% macro outer(x) %}{{ return(inner(x) + 1) }}{% endmacro %}"
        "{% macro inner(x) %}{{ return(x * var('factor')) }}{% endmacro %}"
        "{% macro default__pick() %}default{% endmacro %}{% macro duckdb__pick() %}duckdb{% endmacro %}"
        "{% macro generate_schema_name(custom_schema_name, node) %}{{ node.name }}_schema{% endmacro %}"
        "{% macro generate_alias_name(custom_alias_name, node) %} t_{{ node.name }} {% endmacro %}"},
       {"models/a.sql",
        "select {{ outer(4) }} as {{ adapter.dispatch('pick')() }}, {{ shop.inner(1) }}, {{ dbt.type_string() }}, "
        "'{{ model.unique_id }}', '{{ this.identifier }}', {{ execute }}, '{{ target.type }}', '{{ project_name }}'"}});
  InvokeOptions options = folder.Options();
  options.vars = {{"factor", 10}};
  auto project = LoadGood(options);
  EXPECT_EQ(project->manifest().nodes.at("model.shop.a").relation.Text(), "a_schema.t_a");
  EXPECT_EQ(Compiled(*project, "model.shop.a"),
            "select 41 as duckdb, 10, TEXT, 'model.shop.a', 't_a', False, 'duckdb', 'shop'");
}

TEST(ProjectSnapshots, ComeFromBlocks) {
  ProjectFolder folder(
      {{"models/a.sql", "select 1 as id"},
       {"snapshots/history.sql",
        "{% snapshot a_history %}\n"
        "{{ config(target_schema='past', strategy='timestamp', unique_key='id', updated_at='at', "
        "invalidate_hard_deletes=true) }}\n"
        "select * from {{ ref('a') }}\n"
        "{% endsnapshot %}\n"
        "{% snapshot b_history %}{{ config(strategy='check', check_cols='all', unique_key=['x', 'y']) }}"
        "select 2{% endsnapshot %}"}});
  auto project = LoadGood(folder);
  const Node& a = project->manifest().nodes.at("snapshot.shop.a_history");
  EXPECT_EQ(a.relation.Text(), "past.a_history");
  EXPECT_EQ(a.config.updated_at, "at");
  EXPECT_EQ(a.config.all["invalidate_hard_deletes"], true);
  EXPECT_EQ(a.depends_on, Ids{"model.shop.a"});
  EXPECT_EQ(Compiled(*project, "snapshot.shop.a_history"), "\n\nselect * from \"lake\".\"main\".\"a\"\n");
  const Node& b = project->manifest().nodes.at("snapshot.shop.b_history");
  EXPECT_EQ(b.line, 5);
  EXPECT_EQ(b.config.check_cols, Ids{"all"});
  EXPECT_EQ(b.config.unique_key, (Ids{"x", "y"}));
}

TEST(ProjectSeeds, AreNodesWithAPath) {
  ProjectFolder folder({{"seeds/codes.csv", "code,name\n1,one\n"},
                        {"seeds/seeds.yml", "seeds: [{name: codes, config: {column_types: {code: varchar}}}]"},
                        {"models/a.sql", "select * from {{ ref('codes') }}"}});
  auto project = LoadGood(folder);
  const Node& seed = project->manifest().nodes.at("seed.shop.codes");
  EXPECT_EQ(seed.config.column_types.at("code"), "varchar");
  EXPECT_TRUE(project->SeedPath(seed).ends_with("seeds/codes.csv"));
  project->HashDefinitions();
  std::string before = seed.definition_hash;
  folder.Write("seeds/codes.csv", "code,name\n1,ONE\n");
  EXPECT_NE(HashOf(folder, "seed.shop.codes"), before);
}

TEST(ProjectEphemeral, StandsBeforeTheQueryThatUsesIt) {
  ProjectFolder folder(
      {{"models/e1.sql", "{{ config(materialized='ephemeral') }}select 1 as x -- one"},
       {"models/e2.sql", "{{ config(materialized='ephemeral') }}select * from {{ ref('e1') }}"},
       {"models/a.sql", "select * from {{ ref('e2') }} join {{ ref('e1') }}"},
       {"models/b.sql", "-- first\n/* second */ WITH recursive t as (select 1) select * from {{ ref('e1') }}"},
       {"models/c.sql", "with t as (select 1) select * from {{ ref('e1') }}"},
       {"models/d.sql", "select * from withered join {{ ref('a') }}"}});
  auto project = LoadGood(folder);
  EXPECT_EQ(Compiled(*project, "model.shop.a"),
            "with __dbt__cte__e1 as (\nselect 1 as x -- one\n),  __dbt__cte__e2 as (\nselect * from __dbt__cte__e1\n) "
            "select * from __dbt__cte__e2 join __dbt__cte__e1");
  EXPECT_EQ(Compiled(*project, "model.shop.b"),
            "-- first\n/* second */ WITH recursive  __dbt__cte__e1 as (\nselect 1 as x -- one\n), "
            "t as (select 1) select * from __dbt__cte__e1");
  EXPECT_EQ(Compiled(*project, "model.shop.c"),
            "with  __dbt__cte__e1 as (\nselect 1 as x -- one\n), t as (select 1) select * from __dbt__cte__e1");
  EXPECT_EQ(Compiled(*project, "model.shop.d"), "select * from withered join \"lake\".\"main\".\"a\"");
  EXPECT_EQ(project->manifest().nodes.at("model.shop.a").depends_on, (Ids{"model.shop.e2", "model.shop.e1"}));
}

TEST(ProjectHash, ChangesWithWhatANodeIsMadeOf) {
  const ProjectFolder::Files files = {{"dbt_project.yml", "name: shop\nvars: {x: 1}\n"},
                                      {"macros/m.sql", "{% macro m() %}1{% endmacro %}"},
                                      {"models/a.sql", "select {{ m() }}"},
                                      {"models/e.sql", "{{ config(materialized='ephemeral') }}select 1"},
                                      {"models/b.sql", "select * from {{ ref('e') }}"}};
  ProjectFolder folder(files);
  auto hash = [&folder](const std::string& id) { return HashOf(folder, id); };
  const std::string a = hash("model.shop.a"), b = hash("model.shop.b");
  EXPECT_EQ(hash("model.shop.a"), a);
  folder.Write("models/e.sql", "{{ config(materialized='ephemeral') }}select 2");
  EXPECT_EQ(hash("model.shop.a"), a);
  EXPECT_NE(hash("model.shop.b"), b);
  const std::pair<const char*, const char*> changes[] = {{"models/a.sql", "select {{ m() }} as x"},
                                                         {"macros/m.sql", "{% macro m() %}2{% endmacro %}"},
                                                         {"dbt_project.yml", "name: shop\nvars: {x: 2}\n"},
                                                         {"models/a.yml", "models: [{name: a, config: {alias: z}}]"}};
  std::string last = a;
  for (const auto& [file, text] : changes) {
    folder.Write(file, text);
    std::string now = hash("model.shop.a");
    EXPECT_NE(now, last) << file;
    last = now;
  }
}

TEST(ProjectHooks, AddToTheDependenciesAndSayWhetherTheyAreWithinTheTransaction) {
  ProjectFolder folder({{"models/a.sql",
                         "{{ config(post_hook=[\"delete from {{ this }} where x in {{ ref('b') }}\", {'sql': 'vacuum', "
                         "'transaction': false},"
                         " after_commit('checkpoint')]) }}select 1"},
                        {"models/b.sql", "select 1"}});
  auto project = LoadGood(folder);
  const Node& node = project->manifest().nodes.at("model.shop.a");
  EXPECT_EQ(node.depends_on, Ids{"model.shop.b"});
  const std::vector<Hook>& hooks = node.config.post_hook;
  ASSERT_EQ(hooks.size(), 3U);
  EXPECT_TRUE(hooks[0].transaction);
  EXPECT_FALSE(hooks[1].transaction);
  EXPECT_EQ(hooks[2].sql, "checkpoint");
  EXPECT_FALSE(hooks[2].transaction);
}

TEST(ProjectPackages, HaveNamesAndVarsOfTheirOwn) {
  ProjectFolder folder(
      {{"dbt_project.yml",
        "name: shop\nvars: {who: root, utils: {only: for_utils}}\nmodels: {utils: {+schema: from_root}}\n"
        "dispatch: [{macro_namespace: utils, search_order: [shop, utils]}]\n"},
       {"packages.yml", "packages: [{local: ../utils}]\n"},
       {"macros/m.sql", "{% macro default__greet() %}hi from shop{% endmacro %}"},
       {"models/a.sql", "select '{{ utils.greet() }} {{ utils.plain() }} {{ var('who') }}' from {{ ref('base') }}"},
       {"dbt_packages/utils/dbt_project.yml",
        "name: utils\nvars: {who: utils, only: own, other: kept}\nmodels: {+materialized: table}\n"},
       {"dbt_packages/utils/macros/m.sql",
        "{% macro greet() %}{{ return(adapter.dispatch('greet', 'utils')()) }}{% endmacro %}"
        "{% macro default__greet() %}hi from utils{% endmacro %}{% macro plain() %}plain{% endmacro %}"},
       {"dbt_packages/utils/models/base.sql",
        "select '{{ var('who') }} {{ var('only') }} {{ var('other') }} {{ plain() }}' as x"},
       {"dbt_packages/utils/models/s.yml", "models: [{name: base, columns: [{name: x, data_tests: [not_null]}]}]\n"}});
  auto project = LoadGood(folder);
  const auto& nodes = project->manifest().nodes;
  EXPECT_EQ(nodes.at("model.utils.base").relation, (RelationName{"main_from_root", "base"}));
  EXPECT_EQ(nodes.at("model.utils.base").config.materialized, "table");
  EXPECT_EQ(Compiled(*project, "model.utils.base"), "select 'root for_utils kept plain' as x");
  EXPECT_EQ(Compiled(*project, "model.shop.a"),
            "select 'hi from shop plain root' from \"lake\".\"main_from_root\".\"base\"");
  EXPECT_EQ(nodes.at("model.shop.a").macros.front().substr(0, 6), "macro.");
  EXPECT_TRUE(std::ranges::any_of(nodes, [](const auto& entry) { return entry.second.test_name == "not_null"; }));
}

TEST(ProjectVersions, AreFoundByRef) {
  ProjectFolder folder({{"models/a_v1.sql", "select 1 as x"},
                        {"models/a_v2.sql", "select 2 as x"},
                        {"models/old.sql", "select * from {{ ref('a', v=1) }}"},
                        {"models/new.sql", "select * from {{ ref('a') }}"},
                        {"models/s.yml",
                         "models:\n  - name: a\n    latest_version: 2\n    columns: [{name: x, tests: [unique]}]\n"
                         "    versions: [{v: 1}, {v: 2, config: {alias: a}}]\n"}});
  auto project = LoadGood(folder);
  EXPECT_EQ(Compiled(*project, "model.shop.old"), "select * from \"lake\".\"main\".\"a_v1\"");
  EXPECT_EQ(Compiled(*project, "model.shop.new"), "select * from \"lake\".\"main\".\"a\"");
  EXPECT_EQ(project->manifest().nodes.at("model.shop.new").depends_on, Ids{"model.shop.a.v2"});
}

TEST(ProjectUnitTests, KnowTheirModelAndFixtures) {
  ProjectFolder folder({{"models/a.sql", "select 1 as x"},
                        {"tests/fixtures/rows.csv", "x\n1\n"},
                        {"models/s.yml",
                         "unit_tests:\n  - name: t\n    model: a\n    given: []\n"
                         "    expect: {format: csv, fixture: rows}\n"}});
  auto project = LoadGood(folder);
  const Node& test = project->manifest().nodes.at("unit_test.shop.a.t");
  EXPECT_EQ(test.attached_to, "model.shop.a");
  EXPECT_EQ(JsonText(test.unit_test["expect"]["rows"]), R"([{"x":"1"}])");
}

TEST(ProjectDescribed, DependOnNodes) {
  ProjectFolder folder({{"models/a.sql", "select 1 as x"},
                        {"models/s.yml",
                         "exposures:\n  - name: board\n    type: dashboard\n    owner: {name: someone}\n"
                         "    depends_on: [ref('a')]\ngroups: [{name: g, owner: {email: a@example.com}}]\n"}});
  auto project = LoadGood(folder);
  EXPECT_EQ(project->manifest().described.at("exposure.shop.board").depends_on, Ids{"model.shop.a"});
  EXPECT_TRUE(project->manifest().groups.contains("g"));
}

TEST(ProjectDescribed, NamesWhatIsThereTwice) {
  const std::string exposure = "{name: board, type: dashboard, owner: {name: someone}}";
  const std::string group = "{name: team, owner: {name: someone}}";
  Error twice = LoadError({{"models/s.yml", "exposures: [" + exposure + ", " + exposure + "]"}});
  EXPECT_NE(twice.ToString().find("two exposures are called 'board'"), std::string::npos) << twice.ToString();
  twice = LoadError({{"models/s.yml", "groups: [" + group + ", " + group + "]"}});
  EXPECT_NE(twice.ToString().find("two groups are called 'team'"), std::string::npos) << twice.ToString();
}

}  // namespace
}  // namespace smelt::transform
