// Which nodes a selection picks.

#include <algorithm>

#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

using Texts = std::vector<std::string>;

const ProjectFolder::Files kFiles = {
    {"dbt_project.yml", "name: shop\nmodels: {shop: {gold: {+materialized: table, +tags: [nightly]}}}\n"},
    {"models/silver/orders.sql", "select * from {{ source('raw', 'orders') }}"},
    {"models/silver/items.sql", "select * from {{ source('raw', 'items') }}"},
    {"models/gold/sales.sql", "select * from {{ ref('orders') }} join {{ ref('items') }}"},
    {"models/gold/deep/report.sql", "select * from {{ ref('sales') }}"},
    {"models/silver/schema.yml",
     "sources: [{name: raw, tables: [{name: orders, data_tests: [{unique: {column_name: id}}]}, {name: items}]}]\n"
     "models: [{name: orders, columns: [{name: id, data_tests: [not_null]}]}]\n"},
    {"tests/totals.sql", "select * from {{ ref('orders') }} join {{ ref('sales') }}"},
    {"snapshots/silver/h.sql",
     "{% snapshot orders_history %}{{ config(strategy='check', check_cols='all', unique_key='id') }}"
     "select * from {{ ref('orders') }}{% endsnapshot %}"}};

/// Names of the picked nodes, in alphabetical order; generic tests by the name of their test.
Texts Picked(const ProjectFolder& folder, const Texts& select, const Texts& exclude = {}) {
  auto project = LoadGood(folder);
  auto ids = project->Select(select, exclude);
  EXPECT_TRUE(ids) << ids.error().ToString();
  Texts names;
  if (!ids) return names;
  for (const std::string& id : *ids) {
    const Node& node = project->manifest().nodes.at(id);
    names.push_back(node.test_name.empty() ? node.name : node.test_name);
  }
  std::ranges::sort(names);
  return names;
}

TEST(Selection, PicksByNameFolderPathTagTypeAndSetting) {
  ProjectFolder folder(kFiles);
  EXPECT_EQ(Picked(folder, {}),
            (Texts{"items", "not_null", "orders", "orders_history", "report", "sales", "totals", "unique"}));
  const Texts silver = {"items", "not_null", "orders", "orders_history", "totals", "unique"};
  EXPECT_EQ(Picked(folder, {"silver"}), silver);
  EXPECT_EQ(Picked(folder, {"shop.silver"}), silver);
  EXPECT_EQ(Picked(folder, {"items"}), Texts{"items"});
  EXPECT_EQ(Picked(folder, {"items.sql"}), Texts{"items"});
  EXPECT_EQ(Picked(folder, {"orders"}), (Texts{"not_null", "orders", "totals"}));
  EXPECT_EQ(Picked(folder, {"gold"}), (Texts{"report", "sales", "totals"}));
  EXPECT_EQ(Picked(folder, {"gold.deep"}), Texts{"report"});
  EXPECT_EQ(Picked(folder, {"gold.*"}), (Texts{"report", "sales", "totals"}));
  EXPECT_EQ(Picked(folder, {"re*"}), Texts{"report"});
  EXPECT_EQ(Picked(folder, {"path:models/gold/deep"}), Texts{"report"});
  EXPECT_EQ(Picked(folder, {"models/gold"}), (Texts{"report", "sales", "totals"}));
  EXPECT_EQ(Picked(folder, {"tag:nightly"}), (Texts{"report", "sales", "totals"}));
  EXPECT_EQ(Picked(folder, {"config.materialized:table"}), (Texts{"report", "sales", "totals"}));
  EXPECT_EQ(Picked(folder, {"resource_type:snapshot"}), Texts{"orders_history"});
  EXPECT_EQ(Picked(folder, {"resource_type:test"}), (Texts{"not_null", "totals", "unique"}));
  EXPECT_EQ(Picked(folder, {"test_type:singular"}), Texts{"totals"});
  EXPECT_EQ(Picked(folder, {"test_name:not_null"}), Texts{"not_null"});
  EXPECT_EQ(Picked(folder, {"source:raw.orders"}), Texts{"unique"});
}

TEST(Selection, FollowsTheGraph) {
  ProjectFolder folder(kFiles);
  EXPECT_EQ(Picked(folder, {"+sales"}), (Texts{"items", "not_null", "orders", "sales", "totals", "unique"}));
  EXPECT_EQ(Picked(folder, {"1+report"}), (Texts{"report", "sales", "totals"}));
  EXPECT_EQ(Picked(folder, {"items+"}), (Texts{"items", "report", "sales", "totals"}));
  EXPECT_EQ(Picked(folder, {"items+1"}), (Texts{"items", "sales", "totals"}));
  EXPECT_EQ(Picked(folder, {"source:raw.items+1"}), Texts{"items"});
  EXPECT_EQ(Picked(folder, {"@items"}), (Texts{"items", "not_null", "orders", "report", "sales", "totals", "unique"}));
}

TEST(Selection, UnitesIntersectsAndExcludes) {
  ProjectFolder folder(kFiles);
  EXPECT_EQ(Picked(folder, {"items report"}), (Texts{"items", "report"}));
  EXPECT_EQ(Picked(folder, {"items", "report"}), (Texts{"items", "report"}));
  EXPECT_EQ(Picked(folder, {"items+,gold.deep"}), Texts{"report"});
  EXPECT_EQ(Picked(folder, {"gold"}, {"report"}), (Texts{"sales", "totals"}));
  EXPECT_EQ(Picked(folder, {}, {"silver", "tag:nightly"}), Texts{});
}

TEST(Selection, BringsTestsAsTheProjectSays) {
  ProjectFolder folder(kFiles);
  auto with_mode = [&folder](const std::string& mode, const std::string& select) {
    folder.Write("dbt_project.yml", "name: shop\nflags: {indirect_selection: " + mode + "}\n");
    return Picked(folder, {select});
  };
  EXPECT_EQ(with_mode("eager", "orders"), (Texts{"not_null", "orders", "totals"}));
  EXPECT_EQ(with_mode("cautious", "orders"), (Texts{"not_null", "orders"}));
  EXPECT_EQ(with_mode("cautious", "sales"), Texts{"sales"});
  EXPECT_EQ(with_mode("buildable", "sales"), (Texts{"sales", "totals"}));
  EXPECT_EQ(with_mode("buildable", "orders"), (Texts{"not_null", "orders"}));
  EXPECT_EQ(with_mode("empty", "orders"), Texts{"orders"});
}

TEST(Selection, RefusesWhatItCannotRead) {
  ProjectFolder folder(kFiles);
  auto project = LoadGood(folder);
  const std::pair<const char*, const char*> cases[] = {{"tga:x", "did you mean 'tag:'?"},
                                                       {"@orders+", "leave the '+' out"},
                                                       {"source:a.b.c.d", "too many parts"},
                                                       {"test_type:odd", "names no type of tests"},
                                                       {"version:newest", "latest, prerelease, old, none"},
                                                       {"resource_type:table", "names no type of resources"}};
  for (const auto& [select, part] : cases) {
    auto ids = project->Select({select}, {});
    ASSERT_FALSE(ids) << select;
    EXPECT_EQ(ids.error().code(), ErrorCode::kDbtSelectorInvalid);
    EXPECT_NE(ids.error().ToString().find(part), std::string::npos) << ids.error().ToString();
  }
}

TEST(Selection, WarnsOfWhatMatchesNothing) {
  ProjectFolder folder(kFiles);
  std::vector<std::string> warnings;
  InvokeOptions options = folder.Options();
  options.warn = [&warnings](const Error& warning) { warnings.push_back(warning.ToString()); };
  auto project = LoadGood(options);
  for (const char* select : {"oders", "orders+x", "tag:none", "orders,", "orders,items"}) {
    warnings.clear();
    auto ids = project->Select({select}, {});
    ASSERT_TRUE(ids) << ids.error().ToString();
    EXPECT_TRUE(ids->empty()) << select;
    ASSERT_EQ(warnings.size(), 1U) << select;
    EXPECT_NE(warnings[0].find("does not match any enabled nodes"), std::string::npos) << warnings[0];
  }
  warnings.clear();
  ASSERT_TRUE(project->Select({"oders"}, {}));
  EXPECT_NE(warnings.at(0).find("did you mean 'orders'?"), std::string::npos) << warnings[0];
}

TEST(Selection, TakesWarningsForErrorsWhenAsked) {
  ProjectFolder folder(kFiles);
  InvokeOptions options = folder.Options();
  options.warn_error = true;
  auto ids = LoadGood(options)->Select({"oders"}, {});
  ASSERT_FALSE(ids);
  EXPECT_EQ(ids.error().code(), ErrorCode::kDbtSelectorInvalid);
}

}  // namespace
}  // namespace smelt::transform
