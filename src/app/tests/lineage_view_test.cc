#include "app/internal/dbt/lineage_view.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace smelt::app {
namespace {

using engine::Derivation;
using transform::ProjectLineage;

ProjectLineage Shop() {
  ProjectLineage lineage;
  lineage.nodes["source.shop.raw.orders"] = {
      "source.shop.raw.orders", "raw.orders", "source", {{"amount", "DECIMAL(10,2)", {}, {}}}, {}, {}, ""};
  lineage.nodes["model.shop.stg"] = {
      "model.shop.stg",
      "stg",
      "model",
      {{"cents", "INTEGER", {{{"source.shop.raw.orders", "amount", ""}, Derivation::kComputed}}, {}},
       {"id", "INTEGER", {}, {}}},
      {},
      {},
      ""};
  lineage.nodes["model.shop.daily"] = {
      "model.shop.daily",
      "daily",
      "model",
      {{"total", "HUGEINT", {{{"model.shop.stg", "cents", ""}, Derivation::kAggregated}}, {}}},
      {{"model.shop.stg", "id", ""}},
      {},
      ""};
  lineage.nodes["model.shop.odd"] = {"model.shop.odd", "odd", "model", {}, {}, {}, "it is broken"};
  return lineage;
}

TEST(LineageView, OfAColumnIsTwoTrees) {
  ProjectLineage lineage = Shop();
  lineage.target = {"model.shop.stg", "cents", ""};
  EXPECT_EQ(LineageText(lineage, {}),
            "stg.cents  INTEGER  (model model.shop.stg)\n\nmade of\n└─ raw.orders.amount  computed\n"
            "\nused by\n└─ daily.total  aggregated\n");
  lineage.target = {"model.shop.daily", "total", ""};
  EXPECT_EQ(LineageText(lineage, {.upstream = true, .downstream = false}),
            "daily.total  HUGEINT  (model model.shop.daily)\n\nmade of\n└─ stg.cents  aggregated\n"
            "   └─ raw.orders.amount  computed\n\ndecided by (filters, joins, groups, order)\n  stg.id\n");
}

TEST(LineageView, OfANodeIsItsColumns) {
  ProjectLineage lineage = Shop();
  lineage.target = {"model.shop.stg", "", ""};
  EXPECT_EQ(LineageText(lineage, {}),
            "stg  (model model.shop.stg)\n  cents  INTEGER  raw.orders.amount computed\n  id     INTEGER\n"
            "used by\n  daily: cents\n");
}

TEST(LineageView, OfEverythingSaysWhatIsMissing) {
  const std::string text = LineageText(Shop(), {});
  EXPECT_NE(text.find("not traced: it is broken"), std::string::npos) << text;
  EXPECT_NE(text.find("4 columns of 4 nodes"), std::string::npos) << text;
}

TEST(LineageView, JsonHoldsWhatIsReached) {
  ProjectLineage lineage = Shop();
  lineage.target = {"model.shop.stg", "cents", ""};
  const auto both = ParseJson(LineageJson(lineage, {}), "both");
  ASSERT_TRUE(both);
  EXPECT_EQ((*both)["edges"].size(), 2U);
  EXPECT_EQ((*both)["nodes"].size(), 3U);
  const auto up = ParseJson(LineageJson(lineage, {.upstream = true, .downstream = false}), "up");
  ASSERT_TRUE(up);
  ASSERT_EQ((*up)["edges"].size(), 1U);
  EXPECT_EQ((*up)["edges"][0]["from"]["column"], "amount");
  EXPECT_EQ((*up)["edges"][0]["how"], "computed");
}

TEST(LineageView, DotQuotesNames) {
  ProjectLineage lineage = Shop();
  lineage.nodes.at("model.shop.daily").columns[0].name = "a \"b\"";
  lineage.target = {"model.shop.stg", "cents", ""};
  const std::string dot = LineageDot(lineage, {});
  EXPECT_NE(dot.find(R"("model.shop.stg.cents" -> "model.shop.daily.a \"b\"" [label = "aggregated"];)"),
            std::string::npos)
      << dot;
}

}  // namespace
}  // namespace smelt::app
