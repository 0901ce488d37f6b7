#include "quality/internal/figures.h"

#include <gtest/gtest.h>

#include "quality/internal/row_check.h"
#include "quality/internal/value_counts.h"

namespace smelt::quality {
namespace {

Frame OrdersFrame() {
  return Frame(
      {.source = "silver.orders"}, "silver",
      {{"id", "id", "VARCHAR", engine::TypeKind::kText}, {"price", "price", "DOUBLE", engine::TypeKind::kFloat}});
}

TEST(FigureQueryTest, AsksForEachFigureOnce) {
  const std::vector<FigureRequest> requests = {{"count(*)", "max(a)"}, {}, {"count(*)", "count(b)"}};
  const FigureQuery query(requests, "t.x");
  EXPECT_EQ(query.sql(), "select count(*),\n  count(b),\n  max(a)\nfrom t.x");
  const std::vector<engine::Cell> row = {"5", "4", std::nullopt};
  EXPECT_EQ(query.Pick(requests[0], row), (std::vector<Json>{5, nullptr}));
  EXPECT_EQ(query.Pick(requests[1], row), std::vector<Json>());
  EXPECT_EQ(query.Pick(requests[2], row), (std::vector<Json>{5, 4}));
  EXPECT_EQ(FigureQuery({{}, {}}, "t.x").sql(), "");
}

TEST(RowQueryTest, CountsWhatIsJudgedAndSatisfied) {
  const Frame frame = OrdersFrame();
  const ExpectationConfig config;
  const Call call(config, frame, "id is not null");
  const RowQuery query(ValueCheck(frame.columns()[1], "price >= 0"), call);
  EXPECT_EQ(
      query.CountFigures(),
      (FigureRequest{"coalesce(count_if(id is not null), 0)", "count(case when id is not null then price end)",
                     "coalesce(count_if(case when id is not null then not (price is null) and (price >= 0) end), 0)"}));
  EXPECT_EQ(
      query.UnexpectedRowsSql(),
      "select * from silver.orders where (id is not null) and (not (price is null) and (price >= 0) is not true)");
}

TEST(CallTest, CountsUnderAConditionWithoutAFilter) {
  const Frame frame = OrdersFrame();
  const ExpectationConfig config;
  const Call call(config, frame, "id > 1");
  EXPECT_EQ(call.Over("count(*)"), "coalesce(count_if(id > 1), 0)");
  EXPECT_EQ(call.Over("count_if(price > 0)"), "count_if(case when id > 1 then price > 0 end)");
  EXPECT_EQ(call.Over("count_if(name = ')')", "name <> '('"),
            "count_if(case when (id > 1) and (name <> '(') then name = ')' end)");
  EXPECT_EQ(call.Over("count(\"a)\")"), "count(case when id > 1 then \"a)\" end)");
  EXPECT_EQ(call.Over("count(distinct price)"), "count(distinct price) filter (where id > 1)");
  EXPECT_EQ(call.Over("max(price)"), "max(price) filter (where id > 1)");
  EXPECT_EQ(Call(config, frame, "").Over("count(price)"), "count(price)");
}

TEST(RowQueryTest, AProofSparesTheWindow) {
  const Frame frame = OrdersFrame();
  const ExpectationConfig config;
  const Call call(config, frame, "");
  RowCheck check = ValueCheck(frame.columns()[0], "smelt_derived = 1");
  check.derived = "count(*) over (partition by id)";
  check.proof = "count(distinct hash(id))";
  const RowQuery query(check, call);
  EXPECT_EQ(query.CountFigures().size(), 2U);
  EXPECT_EQ(query.ProofFigure(), "count(distinct hash(id)) filter (where not (id is null))");
  EXPECT_FALSE(query.ProofByKey({10, 9})) << "texts have no bits";
  EXPECT_EQ(
      query.UnexpectedRowsSql(),
      "select * from (select *, count(*) over (partition by id) as smelt_derived from silver.orders where not (id "
      "is null)) where (smelt_derived = 1) is not true");
}

TEST(RowQueryTest, BitsAreTriedWhereIntegersLieCloseTogether) {
  const Frame frame({.source = "t"}, "", {{"id", "id", "BIGINT", engine::TypeKind::kInteger}});
  const ExpectationConfig config;
  const Call call(config, frame, "");
  RowCheck check = ValueCheck(frame.columns()[0], "");
  check.proof = "count(distinct hash(id))";
  check.keys = check.columns;
  const RowQuery query(check, call);
  EXPECT_EQ(query.CountFigures().size(), 5U);
  const auto proof = query.ProofByKey({9, 8, 8, -3, 40});
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->figure, "bit_count(bitstring_agg(id, -3, 40))");
  EXPECT_EQ(proof->values, 8);
  EXPECT_FALSE(query.ProofByKey({9, 8, 8, -3, 4'000'000'000})) << "too far apart";
  EXPECT_FALSE(query.ProofByKey({0, 0, 0, nullptr, nullptr}));
  EXPECT_FALSE(query.ProofByKey({9, 8, 8, INT64_MIN, INT64_MAX}));
  EXPECT_FALSE(query.KeysCollide({9, 8, 8, 1, 8}));
  EXPECT_TRUE(query.KeysCollide({9, 8, 8, 1, 7}));
}

TEST(FigureQueryTest, QuantilesOfTheSameValuesAreOneAggregate) {
  const Column x{.name = "x", .sql = "x", .type = "DECIMAL(9,2)"};
  const std::string half = QuantileFigure(x, "", 0.5), tenth = QuantileFigure(x, "", 0.1);
  const std::string other = QuantileFigure(x, "y > 1", 0.5);
  const FigureQuery query({{"a(" + half + ")"}, {"b(" + tenth + ", " + half + ")", other}}, "t");
  EXPECT_EQ(query.sql(),
            "select (quantile_disc(x, [0.5]) filter (where y > 1))[1],\n  a((quantile_disc(x, [0.5, 0.1]))[1]),\n  "
            "b((quantile_disc(x, [0.5, 0.1]))[2], (quantile_disc(x, [0.5, 0.1]))[1]),\n  count(*)\nfrom t");
}

TEST(FigureQueryTest, ValuesThatSeveralNeedAreGroupedOnce) {
  const Frame frame = OrdersFrame();
  const ExpectationConfig config;
  const Call call(config, frame, "");
  const Column& id = frame.columns()[0];
  const std::string all = "a(" + ValueCounts(call, id) + ")", some = "b(" + ValuesWhere(call, id, "id > 1") + ")";
  const std::string grouped =
      "select id as smelt_value, count(*) as smelt_count from silver.orders where id is not null group by 1";
  EXPECT_EQ(FigureQuery({{all}}, "").sql(), "select a((" + grouped + "))");
  EXPECT_EQ(
      FigureQuery({{some, "c" + some}}, "").sql(),
      "select b((select distinct id as smelt_value from silver.orders where id > 1)),\n  cb((select distinct id as "
      "smelt_value from silver.orders where id > 1))");
  EXPECT_EQ(FigureQuery({{all}, {some}}, "").sql(),
            "with smelt_counts_1 as materialized (" + grouped + ")\nselect a(smelt_counts_1),\n  b(smelt_counts_1)");
}

TEST(RowQueryTest, MostlyComparesTheShareOfJudgedRows) {
  EXPECT_TRUE(MostlyHolds({.elements = 0}, 1));
  EXPECT_TRUE(MostlyHolds({.elements = 3, .judged = 0}, 1));
  EXPECT_TRUE(MostlyHolds({.elements = 10, .judged = 4, .unexpected = 1}, 0.75));
  EXPECT_FALSE(MostlyHolds({.elements = 10, .judged = 4, .unexpected = 1}, 0.7501));
  EXPECT_TRUE(MostlyHolds({.elements = 10, .judged = 10, .unexpected = 10}, 0));
  EXPECT_FALSE(MostlyHolds({.elements = 1000000, .judged = 1000000, .unexpected = 1}, 1));
}

}  // namespace
}  // namespace smelt::quality
