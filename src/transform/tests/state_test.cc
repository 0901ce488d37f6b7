// What is different from an earlier manifest, and what is not.

#include <algorithm>

#include "transform/inspect.h"
#include "transform/internal/selection/selection.h"
#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

using Texts = std::vector<std::string>;

const ProjectFolder::Files kBefore = {
    {"dbt_project.yml",
     "name: shop\nmodels: {shop: {+schema: \"{{ 'live' if target.name == 'prod' else 'test' }}\", marts: {+tags: "
     "[x]}}}\n"},
    {"macros/calls.sql", "{% macro outer_one() %}{{ inner_one() }}{% endmacro %}"},
    {"macros/inner.sql", "{% macro inner_one() %}1{% endmacro %}"},
    {"macros/tests.sql", "{% test odd(model, column_name) %}select 1 from {{ model }} where false{% endtest %}"},
    {"models/orders.sql", "select {{ outer_one() }} as id"},
    {"models/marts/sales.sql", "{{ config(materialized='table') }} select id from {{ ref('orders') }}"},
    {"seeds/rates.csv", "id\n1\n"},
    {"models/schema.yml",
     "sources: [{name: raw, schema: main, tables: [{name: items}]}]\n"
     "models:\n"
     "  - name: sales\n"
     "    description: First.\n"
     "    config: {contract: {enforced: true}}\n"
     "    columns: [{name: id, data_type: integer, data_tests: [odd]}]\n"
     "unit_tests: [{name: adds, model: sales, given: [], expect: {rows: [{id: 1}]}}]\n"
     "exposures: [{name: board, type: dashboard, owner: {email: a@b.c}, depends_on: [\"ref('sales')\"]}]\n"}};

/// A project and the state that it had before it was changed.
class StateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    InvokeOptions options = folder_.Options();
    options.write_artefacts = true;
    options.target_dir = options.project_dir + "/before";
    auto parsed = ParseProject(options);
    ASSERT_TRUE(parsed) << parsed.error().ToString();
  }

  InvokeOptions Options() {
    InvokeOptions options = folder_.Options();
    options.state_dir = "before";
    options.indirect_selection = "empty";
    options.warn = [this](const Error& warning) { warnings_.push_back(warning.message()); };
    return options;
  }

  Result<std::vector<std::string>> Select(const std::string& select) {
    const auto project = LoadGood(Options());
    warnings_.clear();  // of loading
    return SelectMembers(project->state(), {select}, {});
  }

  Texts Picked(const std::string& select) {
    auto ids = Select(select);
    EXPECT_TRUE(ids) << ids.error().ToString();
    Texts names;
    if (!ids) return names;
    for (const std::string& id : *ids) names.push_back(id.substr(id.find("shop.") + 5));
    for (std::string& name : names) name = name.substr(0, name.starts_with("odd_") ? name.find('.') : name.npos);
    std::ranges::sort(names);
    return names;
  }

  ProjectFolder folder_{kBefore};
  Texts warnings_;
};

TEST_F(StateTest, NothingIsModifiedWhenNothingWasChanged) {
  EXPECT_EQ(Picked("state:modified"), Texts{});
  EXPECT_EQ(Picked("state:new"), Texts{});
  EXPECT_EQ(Picked("state:old").size(), 7U);
  EXPECT_EQ(Picked("state:unmodified"), Picked("state:old"));
}

TEST_F(StateTest, AnotherTargetIsNoChange) {
  InvokeOptions options = Options();
  options.target.name = "prod";
  options.target.schema = "prod";
  auto ids = SelectMembers(LoadGood(options)->state(), {"state:modified"}, {});
  ASSERT_TRUE(ids) << ids.error().ToString();
  EXPECT_TRUE(ids->empty()) << ids->front();
}

TEST_F(StateTest, BodiesSeedsAndNewNodesAreModified) {
  folder_.Write("models/orders.sql", "select 2 as id");
  folder_.Write("seeds/rates.csv", "id\n2\n");
  folder_.Write("models/fresh.sql", "select 1 as id");
  EXPECT_EQ(Picked("state:modified"), (Texts{"fresh", "orders", "rates"}));
  EXPECT_EQ(Picked("state:modified.body"), (Texts{"fresh", "orders", "rates"}));
  EXPECT_EQ(Picked("state:new"), Texts{"fresh"});
  EXPECT_EQ(Picked("state:modified+").size(), 7U);
}

TEST_F(StateTest, MacrosCountThroughThoseThatCallThem) {
  folder_.Write("macros/inner.sql", "{% macro inner_one() %}2{% endmacro %}");
  EXPECT_EQ(Picked("state:modified.macros"), Texts{"orders"});
  EXPECT_EQ(Picked("state:modified"), Texts{"orders"});
  EXPECT_EQ(Picked("state:modified.body"), Texts{});
  folder_.Write("macros/tests.sql", "{% test odd(model, column_name) %}select 1 from {{ model }}{% endtest %}");
  EXPECT_EQ(Picked("state:modified"), (Texts{"odd_sales_id", "orders"}));
}

TEST_F(StateTest, ConfigurationCountsButForTagsAndNames) {
  folder_.Write("dbt_project.yml",
                "name: shop\nmodels: {shop: {+schema: other, marts: {+tags: [y], +meta: {a: 1}}}}\n");
  EXPECT_EQ(Picked("state:modified.configs"), Texts{"sales"});
  EXPECT_EQ(Picked("state:modified.relation"), (Texts{"orders", "sales"}));
  EXPECT_EQ(Picked("state:modified"), (Texts{"orders", "sales"}));
}

TEST_F(StateTest, DescriptionsCountWhereTheyArePersisted) {
  const std::string schema = kBefore.at("models/schema.yml");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = schema;
    return text.replace(text.find(from), from.size(), to);
  };
  folder_.Write("models/schema.yml", with("First.", "Second."));
  EXPECT_EQ(Picked("state:modified"), Texts{});
  folder_.Write("dbt_project.yml", kBefore.at("dbt_project.yml") + "seeds: {+persist_docs: {relation: true}}\n");
  EXPECT_EQ(Picked("state:modified.persisted_descriptions"), Texts{});
}

TEST_F(StateTest, SourcesExposuresAndUnitTestsAreCompared) {
  std::string schema = kBefore.at("models/schema.yml");
  schema.replace(schema.find("name: items"), 11, "name: items, identifier: goods");
  schema.replace(schema.find("a@b.c"), 5, "c@b.a");
  schema.replace(schema.find("{id: 1}"), 7, "{id: 2}");
  folder_.Write("models/schema.yml", schema);
  EXPECT_EQ(Picked("state:modified"), (Texts{"board", "raw.items", "sales.adds"}));
  EXPECT_EQ(Picked("state:modified.relation"), Texts{"raw.items"});
}

TEST_F(StateTest, ABrokenContractIsSaid) {
  std::string schema = kBefore.at("models/schema.yml");
  schema.replace(schema.find("data_type: integer"), 18, "data_type: varchar");
  folder_.Write("models/schema.yml", schema);
  EXPECT_EQ(Picked("state:modified.contract"), Texts{"sales"});
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_NE(warnings_[0].find("the column id was integer and is varchar"), std::string::npos) << warnings_[0];
}

TEST_F(StateTest, AnOlderFormOfTheTypeBreaksNoContract) {
  std::string schema = kBefore.at("models/schema.yml");
  schema.replace(schema.find("data_type: integer"), 18, "data_type: 'INTEGER (4)'");
  folder_.Write("models/schema.yml", schema);
  EXPECT_EQ(Picked("state:modified"), Texts{"sales"});
  EXPECT_TRUE(warnings_.empty()) << warnings_[0];
}

TEST_F(StateTest, ResultsAndSourceStatusComeFromTheirArtefacts) {
  folder_.Write("before/run_results.json", R"({"results": [{"unique_id": "model.shop.orders", "status": "error"},)"
                                           R"({"unique_id": "model.shop.sales", "status": "skipped"}]})");
  EXPECT_EQ(Picked("result:error"), Texts{"orders"});
  EXPECT_EQ(Picked("result:error+ result:skipped"), (Texts{"board", "odd_sales_id", "orders", "sales", "sales.adds"}));
  const std::string line =
      R"({"results": [{"unique_id": "source.shop.raw.items", "max_loaded_at": "2026-01-01T00:00:00)";
  folder_.Write("before/sources.json", line + "Z\"}]}");
  folder_.Write("target/sources.json", line + "Z\"}]}");
  EXPECT_EQ(Picked("source_status:fresher"), Texts{});
  folder_.Write("target/sources.json", line + ".5Z\"}]}");
  EXPECT_EQ(Picked("source_status:fresher"), Texts{"raw.items"});
}

TEST_F(StateTest, SaysWhatIsMissing) {
  const auto failure = [this](const std::string& select, const std::string& state) {
    InvokeOptions options = Options();
    options.state_dir = state;
    auto ids = SelectMembers(LoadGood(options)->state(), {select}, {});
    EXPECT_FALSE(ids) << select;
    return ids ? std::string() : ids.error().ToString();
  };
  EXPECT_NE(failure("state:modified", "").find("no earlier run to compare with"), std::string::npos);
  EXPECT_NE(failure("state:modified", "nowhere").find("nowhere/manifest.json"), std::string::npos);
  EXPECT_NE(failure("result:error", "before").find("run_results.json"), std::string::npos);
  EXPECT_NE(failure("state:changed", "before").find("modified.body"), std::string::npos);
  folder_.Write("odd/manifest.json", "{\"metadata\": {}}");
  EXPECT_NE(failure("state:new", "odd").find("is no manifest of dbt"), std::string::npos);
  folder_.Write("odd/manifest.json",
                R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v4.json"}})");
  EXPECT_NE(failure("state:new", "odd").find("too old"), std::string::npos);
  folder_.Write("odd/manifest.json", "{\"metadata\": ");
  EXPECT_NE(failure("state:new", "odd").find("manifest.json"), std::string::npos);
}

}  // namespace
}  // namespace smelt::transform
