// Metrics of the semantic layer: what queries become and answer, and what cannot be asked.

#include "transform/metrics.h"

#include <gtest/gtest.h>

#include <string>

#include "transform/tests/run_fixture.h"

namespace smelt::transform {
namespace {

constexpr const char* kMetricRows = R"(
create table orders as select * from (values
  (1, 1, date '2023-01-05', 10.0, 'sent'), (2, 1, date '2023-01-20', 30.0, 'lost'),
  (3, 2, date '2023-02-03', 50.0, 'sent'), (4, null, date '2024-01-09', 80.0, 'sent')
) as t(order_id, customer_id, ordered_at, amount, status);
create table customers as select * from (values (1, 'SP'), (2, 'RJ')) as t(customer_id, state);
create table lines as select * from (values (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'a')) as t(line_id, order_id, product);
create table days as select unnest(generate_series(date '2023-01-01', date '2024-01-31', interval 1 day))::date as day;
)";

const ProjectFolder::Files kMetricShop = {{"models/orders.sql", "select 1 as order_id"},
                                          {"models/customers.sql", "select 1 as customer_id"},
                                          {"models/lines.sql", "select 1 as line_id"},
                                          {"models/days.sql", "select 1 as day"},
                                          {"models/semantic.yml", R"yaml(
models:
  - name: days
    time_spine: {standard_granularity_column: day}
    columns: [{name: day, granularity: day}]
semantic_models:
  - name: orders
    model: ref('orders')
    defaults: {agg_time_dimension: ordered_at}
    entities:
      - {name: order, type: primary, expr: order_id}
      - {name: customer, type: foreign, expr: customer_id}
    dimensions:
      - {name: ordered_at, type: time, type_params: {time_granularity: day}}
      - {name: status, type: categorical, label: Status}
    measures:
      - {name: amount, agg: sum}
      - {name: order_count, agg: count, expr: order_id}
  - name: customers
    model: ref('customers')
    entities: [{name: customer, type: primary, expr: customer_id}]
    dimensions: [{name: state, type: categorical}]
  - name: lines
    model: ref('lines')
    entities:
      - {name: line, type: primary, expr: line_id}
      - {name: order, type: foreign, expr: order_id}
    dimensions: [{name: product, type: categorical}]
metrics:
  - {name: revenue, label: Revenue, type: simple, type_params: {measure: amount}}
  - {name: orders, label: Orders, type: simple, type_params: {measure: order_count}}
  - {name: average, label: Average, type: ratio, type_params: {numerator: revenue, denominator: orders}}
  - name: text
    label: Text
    type: derived
    type_params: {expr: "'revenue' || revenue::bigint || \"orders\"", metrics: [revenue, orders]}
saved_queries:
  - name: by_month
    query_params:
      metrics: [revenue]
      group_by: ["TimeDimension('metric_time', 'month')"]
)yaml"}};

class Metrics : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp(kMetricRows);
    auto layer = SemanticLayer::Load(ProjectFolder(kMetricShop).Options());
    ASSERT_TRUE(layer) << layer.error().ToString();
    layer_ = *std::move(layer);
  }

  /// The rows of an answer, "a|b c|d", NULL as a dash.
  std::string Answer(const MetricQuery& query) {
    auto statement = layer_->Compile(query);
    if (!statement) return statement.error().ToString();
    auto rows = session_->Query("select * from (" + statement->sql + ")");
    if (!rows) return rows.error().ToString() + statement->sql;
    EXPECT_EQ(rows->columns.size(), statement->columns.size());
    std::string text;
    for (std::size_t row = 0; row < rows->rows.size(); ++row) {
      text += text.empty() ? "" : " ";
      for (std::size_t column = 0; column < rows->columns.size(); ++column) {
        EXPECT_EQ(rows->columns[column].name, statement->columns[column].name);
        text += (column == 0 ? "" : "|") + rows->Text(row, column).value_or("-");
      }
    }
    return text;
  }

  Error Refusal(const MetricQuery& query) {
    auto statement = layer_->Compile(query);
    EXPECT_FALSE(statement);
    return statement ? Error(ErrorCode::kUsage, "") : statement.error();
  }

  std::shared_ptr<const SemanticLayer> layer_;
};

TEST_F(Metrics, AreGroupedJoinedAndOrdered) {
  EXPECT_EQ(Answer({.metrics = {"revenue", "orders"}}), "170.0|4");
  EXPECT_EQ(Answer({.metrics = {"revenue"}, .group_by = {"metric_time__month"}}),
            "2023-01-01|40.0 2023-02-01|50.0 2024-01-01|80.0");
  EXPECT_EQ(Answer({.metrics = {"revenue"}, .group_by = {"customer__state"}, .order_by = {"-revenue"}}),
            "-|80.0 RJ|50.0 SP|40.0");
  EXPECT_EQ(Answer({.metrics = {"average"}, .group_by = {"order__status"}, .order_by = {"average"}, .limit = 1}),
            "lost|30.0");
  EXPECT_EQ(Answer({.metrics = {"revenue"}, .group_by = {"metric_time__extract_month"}}), "1|120.0 2|50.0");
}

TEST_F(Metrics, ExpressionsNameTheirMetricsAndNothingElse) {
  EXPECT_EQ(Answer({.metrics = {"text"}}), "revenue1704");
}

TEST_F(Metrics, TimesAreWidenedToTheirPeriod) {
  MetricQuery query{.metrics = {"orders"}, .group_by = {"metric_time__month"}};
  query.start = "2023-01-10";
  query.end = "2023-02-01";
  EXPECT_EQ(Answer(query), "2023-01-01|2 2023-02-01|1");
  query.group_by = {};
  EXPECT_EQ(Answer(query), "1");
  query.end = "2023-02-30";
  EXPECT_EQ(Refusal(query).code(), ErrorCode::kMetricImpossible);
}

TEST_F(Metrics, StandBesideTheirEarlierSelves) {
  MetricQuery query{.metrics = {"revenue"}, .group_by = {"metric_time__month"}};
  query.compare = MetricComparison::kPreviousPeriod;
  query.short_time_name = true;
  EXPECT_EQ(Answer(query), "2023-01-01|40.0|-|-|- 2023-02-01|50.0|40.0|10.0|0.25 2024-01-01|80.0|-|-|-");
  query.compare = MetricComparison::kYearBefore;
  query.where = {"{{ TimeDimension('metric_time', 'month') }} >= '2024-01-01'"};
  EXPECT_EQ(Answer(query), "2024-01-01|80.0|40.0|40.0|1.0");
  query.where = {};
  query.start = "2024-01-01";
  EXPECT_EQ(Answer(query), "2024-01-01|80.0|40.0|40.0|1.0");
}

TEST_F(Metrics, WholeMonthsAreComparedWithWholeMonths) {
  MetricQuery query{.metrics = {"orders"}};
  query.start = "2023-02-01";
  query.end = "2023-02-28";
  query.compare = MetricComparison::kPreviousPeriod;
  EXPECT_EQ(Answer(query), "1|2|-1|-0.5");
  // 27 days: back to the 5th of January, without the 31st and without the 4th.
  query.end = "2023-02-27";
  EXPECT_EQ(Answer(query), "1|2|-1|-0.5");
  query.end = "";
  EXPECT_EQ(Refusal(query).code(), ErrorCode::kMetricImpossible);
}

TEST_F(Metrics, FiltersAreValuesNotSql) {
  MetricQuery query{.metrics = {"orders"}};
  query.filters = {{.dimension = "order__status", .op = "in", .value = {"sent", "x' or 1=1 --"}}};
  EXPECT_EQ(Answer(query), "3");
  query.filters = {{.dimension = "customer", .op = "=", .value = 1}};
  EXPECT_EQ(Answer(query), "2");
  query.filters = {{.dimension = "customer__state", .op = "is null", .value = nullptr}};
  EXPECT_EQ(Answer(query), "1");
  query.filters = {{.dimension = "metric_time__month", .op = ">", .value = "2023-01-01"}};
  EXPECT_EQ(Answer(query), "2");
  query.filters = {{.dimension = "order__status", .op = "or", .value = 1}};
  EXPECT_EQ(Refusal(query).code(), ErrorCode::kMetricImpossible);
  query.filters = {{.dimension = "order__status", .op = "=", .value = Json::array()}};
  EXPECT_EQ(Refusal(query).code(), ErrorCode::kMetricImpossible);
}

TEST_F(Metrics, PeriodsWithoutRowsAreZeroWhereThatIsWanted) {
  MetricQuery query{.metrics = {"orders"}, .group_by = {"metric_time__month"}};
  query.start = "2023-01-01";
  query.end = "2023-04-30";
  query.fill_nulls = true;
  EXPECT_EQ(Answer(query), "2023-01-01|2 2023-02-01|1 2023-03-01|0 2023-04-01|0");
}

TEST_F(Metrics, WhatDoesNotExistIsNamedWithItsNeighbour) {
  const Error metric = Refusal({.metrics = {"revenu"}});
  EXPECT_EQ(metric.code(), ErrorCode::kMetricUnknown);
  EXPECT_EQ(metric.hint(), "did you mean 'revenue'?");
  const Error dimension = Refusal({.metrics = {"revenue"}, .group_by = {"order__statuss"}});
  EXPECT_EQ(dimension.code(), ErrorCode::kMetricUnknown);
  EXPECT_EQ(dimension.hint(), "did you mean 'order__status'?");
  EXPECT_EQ(Refusal({.metrics = {"revenue"}, .order_by = {"orders"}}).code(), ErrorCode::kMetricUnknown);
}

TEST_F(Metrics, WhatWouldCountRowsTwiceIsRefused) {
  const Error error = Refusal({.metrics = {"revenue"}, .group_by = {"order__product"}});
  EXPECT_EQ(error.code(), ErrorCode::kMetricImpossible);
  EXPECT_NE(error.message().find("more than once"), std::string::npos) << error.message();
}

TEST_F(Metrics, WhatCannotBeAskedIsRefused) {
  const auto code = [&](const MetricQuery& query) { return Refusal(query).code(); };
  EXPECT_EQ(code({}), ErrorCode::kMetricImpossible);
  EXPECT_EQ(code({.metrics = {"revenue", "revenue"}}), ErrorCode::kMetricImpossible);
  EXPECT_EQ(code({.metrics = {"revenue"}, .group_by = {"metric_time__hour"}}), ErrorCode::kMetricImpossible);
  EXPECT_EQ(code({.metrics = {"revenue"}, .group_by = {"order__status__month"}}), ErrorCode::kMetricImpossible);
  for (const char* where : {"1 = 1; drop table orders", "1 = 1) or (1 = 1", "'open", "{{ Dimension('order__status') ",
                            "{{ env_var('HOME') }} = 'x'", " ", "/* open"}) {
    EXPECT_EQ(code({.metrics = {"revenue"}, .where = {where}}), ErrorCode::kMetricImpossible) << where;
  }
}

TEST_F(Metrics, AConditionMayEndWithAComment) {
  EXPECT_EQ(Answer({.metrics = {"orders"}, .where = {"{{ Dimension('order__status') }} = 'sent' -- only these"}}), "3");
}

TEST_F(Metrics, TellWhatTheyCanBeGroupedBy) {
  auto dimensions = layer_->Dimensions({"average"});
  ASSERT_TRUE(dimensions);
  std::string names;
  for (const MetricDimension& one : *dimensions) names += one.name + " ";
  EXPECT_EQ(names, "customer customer__state metric_time order order__ordered_at order__status ");
  EXPECT_EQ(layer_->Dimensions({"averag"}).error().code(), ErrorCode::kMetricUnknown);
  ASSERT_EQ(layer_->saved_queries().size(), 1);
  EXPECT_EQ(Answer(layer_->saved_queries()[0].query), "2023-01-01|40.0 2023-02-01|50.0 2024-01-01|80.0");
  auto values = layer_->CompileValues("revenue", "customer__state", 10);
  ASSERT_TRUE(values);
  EXPECT_EQ(session_->Query(values->sql)->rows.size(), 3);
}

}  // namespace
}  // namespace smelt::transform
