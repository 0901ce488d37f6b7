#include "transform/lineage.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/id.h"
#include "base/json.h"
#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

const ProjectFolder::Files kLineageShop = {
    {"seeds/customers.csv", "id,name,since\n1,Ann,2024-01-01\n2,Bo,2024-02-01\n"},
    {"models/sources.yml",
     "sources:\n  - name: raw\n    tables:\n      - name: orders\n        columns:\n"
     "          - {name: id, data_type: integer}\n          - {name: customer, data_type: integer}\n"
     "          - {name: amount, data_type: 'decimal(10,2)'}\n          - {name: status, data_type: varchar}\n"},
    {"models/stg_orders.sql",
     "select id as order_id, customer as customer_id, amount * 100 as cents from {{ source('raw', 'orders') }}\n"
     "where status <> 'test'\n"},
    {"models/recent.sql",
     "{{ config(materialized='ephemeral') }}\nselect *, row_number() over (partition by customer_id order by order_id) "
     "as "
     "nth from {{ ref('stg_orders') }}\n"},
    {"models/totals.sql",
     "{{ config(materialized='table') }}\nselect c.name, sum(r.cents) as total, count(*) as n\n"
     "from {{ ref('recent') }} r join {{ ref('customers') }} c on c.id = r.customer_id group by c.name\n"},
    {"snapshots/totals_snapshot.yml",
     "snapshots:\n  - name: totals_history\n    relation: ref('totals')\n    config:\n      unique_key: name\n"
     "      strategy: check\n      check_cols: [total]\n"},
};

class LineageTest : public testing::Test {
 protected:
  void SetUp() override {
    engine::LakeOptions options;
    options.lake = lake_.string();
    options.threads = 2;
    auto engine = engine::Engine::Open(options);
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = *std::move(engine);
  }
  void TearDown() override {
    engine_.reset();
    std::filesystem::remove_all(lake_);
  }

  ProjectLineage Trace(const ProjectFolder& folder, const std::string& target = "", bool downstream = true) {
    auto lineage = TraceLineage(*engine_, folder.Options(), {target, downstream});
    EXPECT_TRUE(lineage) << lineage.error().ToString();
    return lineage ? *std::move(lineage) : ProjectLineage();
  }

  /// "total: model.shop.stg_orders.cents aggregated".
  static std::string Text(const ProjectLineage& lineage, const std::string& id) {
    const auto found = lineage.nodes.find(id);
    if (found == lineage.nodes.end()) return "none";
    if (!found->second.problem.empty()) return found->second.problem;
    std::string text;
    for (const LineageColumn& column : found->second.columns) {
      text += column.name + ":";
      for (const ColumnInput& input : column.inputs) {
        text += fmt::format(" {}.{} {}", input.from.node, input.from.column, engine::DerivationText(input.how));
      }
      for (const ColumnRef& ref : column.influences) text += fmt::format(" [{}.{}]", ref.node, ref.column);
      text += '\n';
    }
    for (const ColumnRef& ref : found->second.influences) text += fmt::format("rows {}.{}\n", ref.node, ref.column);
    return text;
  }

  const std::filesystem::path lake_ = std::filesystem::temp_directory_path() / ("smelt-lineage-" + NewUuid());
  std::unique_ptr<engine::Engine> engine_;
};

TEST_F(LineageTest, OfAProjectThatIsNotBuiltStopsAtNodesAndSources) {
  ProjectFolder folder(kLineageShop);
  const ProjectLineage lineage = Trace(folder);
  EXPECT_EQ(Text(lineage, "model.shop.stg_orders"),
            "order_id: source.shop.raw.orders.id copy\n"
            "customer_id: source.shop.raw.orders.customer copy\n"
            "cents: source.shop.raw.orders.amount computed\n"
            "rows source.shop.raw.orders.status\n");
  EXPECT_EQ(Text(lineage, "model.shop.recent"),
            "order_id: model.shop.stg_orders.order_id copy\n"
            "customer_id: model.shop.stg_orders.customer_id copy\n"
            "cents: model.shop.stg_orders.cents copy\n"
            "nth: [model.shop.stg_orders.customer_id] [model.shop.stg_orders.order_id]\n");
  EXPECT_EQ(Text(lineage, "model.shop.totals"),
            "name: seed.shop.customers.name copy\n"
            "total: model.shop.recent.cents aggregated\n"
            "n:\n"
            "rows model.shop.recent.customer_id\nrows seed.shop.customers.id\nrows seed.shop.customers.name\n");
  EXPECT_EQ(Text(lineage, "seed.shop.customers"), "id:\nname:\nsince:\n");
  EXPECT_EQ(lineage.nodes.at("seed.shop.customers").Find("SINCE")->type, "DATE");
  const std::string history = Text(lineage, "snapshot.shop.totals_history");
  EXPECT_NE(history.find("total: model.shop.totals.total copy\n"), std::string::npos) << history;
  EXPECT_NE(history.find("dbt_valid_from: model.shop.totals.total computed\n"), std::string::npos) << history;
  EXPECT_NE(history.find("dbt_scd_id: model.shop.totals.name computed model.shop.totals.total computed\n"),
            std::string::npos)
      << history;
}

TEST_F(LineageTest, ASourceThatASeedMakesHasItsColumnsBeforeAnythingIsBuilt) {
  const ProjectFolder folder(
      {{"seeds/raw_orders.csv", "id,amount\n1,2\n"},
       {"models/sources.yml",
        "sources:\n  - {name: raw, schema: main, tables: [{name: orders, identifier: raw_orders}]}\n"},
       {"models/a.sql", "select amount * 2 as twice from {{ source('raw', 'orders') }}"}});
  const ProjectLineage lineage = Trace(folder);
  EXPECT_EQ(Text(lineage, "model.shop.a"), "twice: seed.shop.raw_orders.amount computed\n");
  EXPECT_EQ(Trace(folder, "a").nodes.size(), 3);
}

TEST_F(LineageTest, CostsFollowTheChange) {
  ProjectFolder folder(kLineageShop);
  EXPECT_EQ(Trace(folder).traced, 5);
  EXPECT_EQ(Trace(folder).traced, 0);
  // A change that keeps the columns is traced once; what reads it stays as it is.
  folder.Write(
      "models/stg_orders.sql",
      "select id as order_id, customer as customer_id, amount * 100 as cents from {{ source('raw', 'orders') }}");
  const ProjectLineage narrow = Trace(folder);
  EXPECT_EQ(narrow.traced, 1);
  EXPECT_TRUE(narrow.nodes.at("model.shop.stg_orders").influences.empty());
  // A new column reaches `select *`, and what reads that.
  folder.Write("models/stg_orders.sql",
               "select id as order_id, customer as customer_id, amount * 100 as cents, status from "
               "{{ source('raw', 'orders') }}");
  const ProjectLineage wide = Trace(folder);
  EXPECT_EQ(wide.traced, 3);
  EXPECT_NE(wide.nodes.at("model.shop.recent").Find("status"), nullptr);
  const auto file = ReadWholeFile(folder.Options().project_dir + "/target/lineage.json");
  ASSERT_TRUE(file);
  const auto json = ParseJson(*file, "lineage.json");
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["nodes"]["model.shop.totals"]["columns"]["total"]["inputs"][0]["how"], "aggregated");
  // A damaged file is made anew.
  folder.Write("target/lineage.json", "{\"metadata\": [1, ");
  EXPECT_EQ(Trace(folder).traced, 5);
}

TEST_F(LineageTest, IsLazy) {
  ProjectFolder folder(kLineageShop);
  const ProjectLineage lineage = Trace(folder, "stg_orders.cents", false);
  EXPECT_EQ(lineage.traced, 1);
  EXPECT_EQ(lineage.target.node, "model.shop.stg_orders");
  EXPECT_EQ(lineage.target.column, "cents");
  EXPECT_EQ(Trace(folder, "raw.orders.Amount").target, (ColumnRef{"source.shop.raw.orders", "amount", ""}));
  EXPECT_EQ(Trace(folder, "model.shop.totals").target, (ColumnRef{"model.shop.totals", "", ""}));
}

TEST_F(LineageTest, TheLakeKnowsBetterThanTheProperties) {
  auto session = *engine_->Connect();
  ASSERT_TRUE(
      session->Execute("create schema raw; create table raw.orders as select 1 as id, 2 as customer, 3.5::double "
                       "as amount, 'x' as status, 'n' as extra"));
  ProjectFolder folder(kLineageShop);
  folder.Write("models/all_orders.sql", "select * from {{ source('raw', 'orders') }}");
  const ProjectLineage lineage = Trace(folder);
  EXPECT_NE(lineage.nodes.at("model.shop.all_orders").Find("extra"), nullptr);
}

TEST_F(LineageTest, WhatIsWrongWithOneNodeIsSaidOfItAndThoseBehindIt) {
  ProjectFolder folder(kLineageShop);
  folder.Write("models/sources.yml", "sources: [{name: raw, tables: [{name: orders}]}]\n");
  folder.Write("models/wrong.sql", "select nothing from {{ ref('customers') }}");
  const ProjectLineage lineage = Trace(folder);
  EXPECT_NE(Text(lineage, "model.shop.wrong").find("nothing"), std::string::npos) << Text(lineage, "model.shop.wrong");
  EXPECT_EQ(Text(lineage, "model.shop.stg_orders"),
            "the columns of source.shop.raw.orders, which it reads, are not known: it is not in the lake, and its "
            "properties list no columns");
  EXPECT_NE(Text(lineage, "model.shop.totals").find("model.shop.recent"), std::string::npos);
  EXPECT_TRUE(lineage.nodes.at("seed.shop.customers").problem.empty());
}

TEST_F(LineageTest, TargetsThatDoNotExistAreSaidWithTheNearestName) {
  ProjectFolder folder(kLineageShop);
  const auto node = TraceLineage(*engine_, folder.Options(), {"total", true});
  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().code(), ErrorCode::kDbtSelectorInvalid);
  EXPECT_EQ(node.error().hint(), "did you mean totals?");
  const auto column = TraceLineage(*engine_, folder.Options(), {"totals.totl", true});
  ASSERT_FALSE(column);
  EXPECT_EQ(column.error().hint(), "did you mean totals.total?");
}

}  // namespace
}  // namespace smelt::transform
