// The methods of the selection language, and the words around them.

#include <algorithm>

#include "transform/internal/selection/pattern.h"
#include "transform/internal/selection/selection.h"
#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

using Texts = std::vector<std::string>;

const ProjectFolder::Files kMethodFiles = {
    {"dbt_project.yml",
     "name: shop\n"
     "models: {shop: {marts: {+materialized: table, +group: finance, +meta: {owner: ann, tiers: [gold, top], level: "
     "3}}}}"
     "\ndata_tests: {+severity: warn}\n"},
    {"models/staging/orders.sql", "select * from {{ source('raw', 'orders') }}"},
    {"models/marts/deep/sales.sql", "{{ config(tags=['night']) }} select * from {{ ref('orders') }}"},
    {"models/marts/dim_v1.sql", "select 1 as id"},
    {"models/marts/dim_v2.sql", "select 2 as id"},
    {"models/marts/dim_v3.sql", "select 3 as id"},
    {"models/empty.sql", " \n"},
    {"seeds/rates.csv", "id\n1\n"},
    {"analyses/look.sql", "select * from {{ ref('sales') }}"},
    {"models/schema.yml",
     "groups: [{name: finance, owner: {name: ann}}]\n"
     "sources:\n"
     "  - {name: raw, tables: [{name: orders, config: {tags: [cold]}}, {name: items}]}\n"
     "  - {name: other, tables: [{name: orders}]}\n"
     "models:\n"
     "  - {name: orders, access: public, columns: [{name: id, data_tests: [unique, not_null]}]}\n"
     "  - name: sales\n"
     "    columns: [{name: id, data_tests: [{relationships: {arguments: {to: ref('orders'), field: id}}}]}]\n"
     "  - {name: dim, access: private, latest_version: 2, versions: [{v: 1}, {v: 2}, {v: 3}]}\n"
     "unit_tests:\n"
     "  - {name: adds_up, model: sales, given: [], expect: {rows: []}}\n"
     "exposures:\n"
     "  - {name: board, type: dashboard, owner: {email: a@b.c}, depends_on: [\"ref('sales')\"]}\n"
     "semantic_models:\n"
     "  - {name: things, model: ref('orders'), measures: [{name: things_count, agg: count}]}\n"
     "metrics:\n"
     "  - {name: total, label: T, type: simple, type_params: {measure: things_count}, config: {group: finance}}\n"
     "saved_queries:\n"
     "  - {name: asked, query_params: {metrics: [total]}}\n"}};

/// What a selection picks, without the types and the package: "sales", "raw.orders"; generic tests without their hash.
Texts Picked(const InvokeOptions& options, const Texts& select, const Texts& exclude = {}) {
  auto project = LoadGood(options);
  auto ids = SelectMembers(project->state(), select, exclude);
  EXPECT_TRUE(ids) << ids.error().ToString();
  Texts names;
  if (!ids) return names;
  for (const std::string& id : *ids) {
    std::string name = id.substr(id.find("shop.") + 5);
    if (id.starts_with("test.")) name = name.substr(0, name.rfind('.'));
    names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

class SelectionMethods : public ::testing::Test {
 protected:
  Texts Pick(const std::string& select, const std::string& indirect = "empty") const {
    InvokeOptions options = folder_.Options();
    options.indirect_selection = indirect;
    return Picked(options, {select});
  }

  ProjectFolder folder_{kMethodFiles};
};

TEST_F(SelectionMethods, PickByQualifiedName) {
  EXPECT_EQ(Pick("orders"), Texts{"orders"});
  EXPECT_EQ(Pick("marts.deep"), Texts{"sales"});
  EXPECT_EQ(Pick("shop.marts.*.sales"), Texts{"sales"});
  EXPECT_EQ(Pick("[os]*ers"), Texts{"orders"});
  EXPECT_EQ(Pick("dim"), (Texts{"dim.v1", "dim.v2", "dim.v3"}));
  EXPECT_EQ(Pick("dim_v1"), Texts{"dim.v1"});
  EXPECT_EQ(Pick("dim.v3"), Texts{"dim.v3"});
  EXPECT_EQ(Pick("marts.dim.v2"), Texts{"dim.v2"});
  EXPECT_EQ(Pick("v2"), Texts{});
}

TEST_F(SelectionMethods, PickByWhatFilesSay) {
  EXPECT_EQ(Pick("models/marts/*"), (Texts{"dim.v1", "dim.v2", "dim.v3", "sales"}));
  EXPECT_EQ(Pick("models/**/sales.sql"), Texts{"sales"});
  EXPECT_EQ(Pick("path:./models/staging/"), Texts{"orders"});
  EXPECT_EQ(Pick("rates.csv"), Texts{"rates"});
  EXPECT_EQ(Pick("file:sales"), Texts{"sales"});
  EXPECT_EQ(Pick("tag:night tag:co?d"), (Texts{"raw.orders", "sales"}));
  EXPECT_EQ(Pick("group:fin*,resource_type:metric"), Texts{"total"});
  EXPECT_EQ(Pick("access:private access:public"), (Texts{"dim.v1", "dim.v2", "dim.v3", "orders"}));
  EXPECT_EQ(Pick("package:this,resource_type:seed"), Texts{"rates"});
  EXPECT_EQ(Pick("resource_type:analysis"), Texts{"look"});
}

TEST_F(SelectionMethods, PickByConfiguration) {
  EXPECT_EQ(Pick("config.materialized:view,resource_type:model"), (Texts{"empty", "orders"}));
  EXPECT_EQ(Pick("config.meta.owner:ann,sales"), Texts{"sales"});
  EXPECT_EQ(Pick("config.meta.tiers:top,sales"), Texts{"sales"});
  EXPECT_EQ(Pick("config.meta.level:3"), Texts{}) << "a text is no number";
  EXPECT_EQ(Pick("config.enabled:TRUE,sales"), Texts{"sales"});
  EXPECT_EQ(Pick("config.severity:WARN").size(), 3U) << "severities are compared without regard to case";
  EXPECT_EQ(Pick("config.nothing.of.this:x"), Texts{});
}

TEST_F(SelectionMethods, PickTestsVersionsAndWhatIsDescribed) {
  EXPECT_EQ(Pick("test_name:uni*"), Texts{"unique_orders_id"});
  EXPECT_EQ(Pick("test_name:adds_up"), Texts{"sales.adds_up"});
  EXPECT_EQ(Pick("test_type:unit"), Texts{"sales.adds_up"});
  EXPECT_EQ(Pick("test_type:data").size(), 3U);
  EXPECT_EQ(Pick("version:latest"), Texts{"dim.v2"});
  EXPECT_EQ(Pick("version:old"), Texts{"dim.v1"});
  EXPECT_EQ(Pick("version:prerelease"), Texts{"dim.v3"});
  EXPECT_EQ(Pick("version:none"), (Texts{"empty", "orders", "sales"}));
  EXPECT_EQ(Pick("source:raw"), (Texts{"raw.items", "raw.orders"}));
  EXPECT_EQ(Pick("source:*.orders"), (Texts{"other.orders", "raw.orders"}));
  EXPECT_EQ(Pick("source:shop.raw.i*"), Texts{"raw.items"});
  EXPECT_EQ(Pick("exposure:board metric:shop.total"), (Texts{"board", "total"}));
  EXPECT_EQ(Pick("saved_query:* semantic_model:t* unit_test:adds_up"), (Texts{"asked", "sales.adds_up", "things"}));
}

TEST_F(SelectionMethods, FollowTheGraphThroughAllKinds) {
  EXPECT_EQ(Pick("+exposure:board"), (Texts{"board", "orders", "raw.orders", "sales"}));
  EXPECT_EQ(Pick("1+saved_query:asked"), (Texts{"asked", "total"}));
  EXPECT_EQ(Pick("semantic_model:things+"), (Texts{"asked", "things", "total"}));
  EXPECT_EQ(Pick("0+sales"), (Texts{"sales", "sales.adds_up"})) << "a unit test lies under its model's name";
}

TEST_F(SelectionMethods, BringUnitTestsWithTheirModel) {
  EXPECT_EQ(Pick("sales", "eager"), (Texts{"relationships_sales_id__id__ref_orders_", "sales", "sales.adds_up"}));
  EXPECT_EQ(Pick("sales", "cautious"), (Texts{"sales", "sales.adds_up"}));
  EXPECT_EQ(Pick("sales", "buildable").size(), 3U);
}

/// A test of two models comes when two parts of a selection pick one each.
TEST_F(SelectionMethods, CautiousTestsComeWhenAllPartsTogetherHaveTheirInputs) {
  EXPECT_EQ(Pick("sales orders", "cautious").size(), 6U);
  EXPECT_EQ(Pick("sales orders,orders", "cautious").size(), 6U);
}

TEST_F(SelectionMethods, ModelsWithoutTextAreListedAndNotBuilt) {
  EXPECT_EQ(Pick("empty"), Texts{"empty"});
  auto built = LoadGood(folder_)->Select({"empty"}, {});
  ASSERT_TRUE(built);
  EXPECT_TRUE(built->empty());
}

TEST(SelectionPattern, KnowsShellPatterns) {
  EXPECT_TRUE(MatchesPattern("a*c", "abbc"));
  EXPECT_TRUE(MatchesPattern("*", ""));
  EXPECT_TRUE(MatchesPattern("[a-c]?", "bß"));
  EXPECT_TRUE(MatchesPattern("[!a-c]x", "dx"));
  EXPECT_TRUE(MatchesPattern("[]]", "]"));
  EXPECT_TRUE(MatchesPattern("[x", "[x"));
  EXPECT_FALSE(MatchesPattern("[!a-c]x", "ax"));
  EXPECT_FALSE(MatchesPattern("a?", "a"));
  EXPECT_TRUE(MatchesPath("models/**/b.sql", "models/b.sql"));
  EXPECT_TRUE(MatchesPath("models/**/b.sql", "models/x/y/b.sql"));
  EXPECT_FALSE(MatchesPath("models/*", "models/x/b.sql"));
}

// -- selectors.yml

Texts Selected(const std::string& selectors, const std::string& name) {
  ProjectFolder::Files files = kMethodFiles;
  files["selectors.yml"] = selectors;
  ProjectFolder folder(files);
  InvokeOptions options = folder.Options();
  options.selector = name;
  return Picked(options, {});
}

TEST(SelectorFile, CombinesDefinitions) {
  const std::string text =
      "selectors:\n"
      "  - name: word\n"
      "    definition: 'tag:night'\n"
      "  - name: key\n"
      "    definition: {tag: cold}\n"
      "  - name: number\n"
      "    definition: {intersection: [{config.meta.level: 3}, sales]}\n"
      "  - name: around\n"
      "    definition: {method: fqn, value: sales, parents: true, parents_depth: 1, indirect_selection: empty}\n"
      "  - name: without\n"
      "    definition: {method: resource_type, value: model, indirect_selection: empty, exclude: ['version:old', "
      "dim.v3]}\n"
      "  - name: all\n"
      "    definition:\n"
      "      union:\n"
      "        - {method: selector, value: around}\n"
      "        - intersection: [{method: selector, value: without}, 'd*']\n"
      "        - exclude: [{method: fqn, value: orders}]\n";
  EXPECT_EQ(Selected(text, "word"), (Texts{"relationships_sales_id__id__ref_orders_", "sales", "sales.adds_up"}));
  EXPECT_EQ(Selected(text, "key"), Texts{"raw.orders"});
  EXPECT_EQ(Selected(text, "number"), (Texts{"relationships_sales_id__id__ref_orders_", "sales", "sales.adds_up"}));
  EXPECT_EQ(Selected(text, "around"), (Texts{"orders", "sales", "sales.adds_up"}));
  EXPECT_EQ(Selected(text, "without"), (Texts{"dim.v2", "empty", "orders", "sales"}));
  EXPECT_EQ(Selected(text, "all"), (Texts{"dim.v2", "sales", "sales.adds_up"}));
}

TEST(SelectorFile, HasADefaultForWhoSelectsNothing) {
  ProjectFolder::Files files = kMethodFiles;
  files["selectors.yml"] =
      "selectors: [{name: few, default: \"{{ true }}\", definition: {method: fqn, value: sales, indirect_selection: "
      "empty}}]";
  ProjectFolder folder(files);
  EXPECT_EQ(Picked(folder.Options(), {}), (Texts{"sales", "sales.adds_up"}));
  EXPECT_EQ(Picked(folder.Options(), {"rates"}), Texts{"rates"});
}

TEST(SelectorFile, SaysWhatIsWrongAndWhere) {
  const std::pair<const char*, const char*> cases[] = {
      {"selectors:\n  - {name: a, definition: {tga: x}}\n", "selectors.yml:2:"},
      {"selectors:\n  - {name: a, definition: {tga: x}}\n", "did you mean 'tag:'?"},
      {"selectors:\n  - {name: a, definition: [x]}\n", "a definition is a text"},
      {"selectors:\n  - {name: a, definition: {method: selector, value: b}}\n", "no selector 'b' before"},
      {"selectors:\n  - {name: a, definition: {union: [x], exclude: [y]}}\n", "nothing else can stand"},
      {"selectors:\n  - {name: a, definition: {union: [{exclude: [y]}, {exclude: [z]}]}}\n", "one exclude"},
      {"selectors:\n  - {name: a, definition: {method: tag, value: x, indirect_selection: some}}\n", "it takes eager"},
      {"selectors:\n  - {name: a, default: true, definition: x}\n  - {name: b, default: true, definition: x}\n",
       "selectors.yml:3:"},
      {"selectors:\n  - {name: a, definition: x}\n  - {name: a, definition: x}\n", "two selectors are called 'a'"},
      {"selectors:\n  - {name: a, definitoin: x}\n", "definitoin"}};
  for (const auto& [text, part] : cases) {
    ProjectFolder::Files files = kMethodFiles;
    files["selectors.yml"] = text;
    const std::string shown = LoadError(files).ToString();
    EXPECT_NE(shown.find(part), std::string::npos) << shown;
  }
}

TEST(SelectorFile, KnowsTheNearestName) {
  ProjectFolder::Files files = kMethodFiles;
  files["selectors.yml"] = "selectors: [{name: nightly, definition: x}]";
  ProjectFolder folder(files);
  InvokeOptions options = folder.Options();
  options.selector = "nightl";
  auto ids = LoadGood(options)->Select({}, {});
  ASSERT_FALSE(ids);
  EXPECT_NE(ids.error().ToString().find("did you mean 'nightly'?"), std::string::npos) << ids.error().ToString();
}

}  // namespace
}  // namespace smelt::transform
