#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/internal/distinct_figures.h"
#include "quality/internal/figures.h"
#include "quality/internal/range.h"
#include "quality/internal/value_counts.h"

namespace smelt::quality {
namespace {

std::vector<Kwarg> ColumnAndRange() {
  std::vector<Kwarg> kwargs = RangeKwargs();
  kwargs.insert(kwargs.begin(), {"column", KwargKind::kColumn, true, "The column."});
  return kwargs;
}

/// Judges a number that `sql` computes from a column.
std::function<Result<Check>(const Call&)> InRangeOf(std::string (*sql)(const Call&, const Column&)) {
  return [sql](const Call& call) -> Result<Check> {
    SMELT_ASSIGN(const Column column, call.GetColumn());
    SMELT_ASSIGN(const Range range, RangeOf(call));
    const std::string observed = sql(call, column);
    SMELT_ASSIGN(const std::string in_range, InRange(observed, range, NumberColumn(observed)));
    return FigureCheck{{fmt::format("to_json({})", observed), fmt::format("to_json({})", in_range)}, JudgeObserved};
  };
}

/// Judges the number of different values, or its share of all values.
std::function<Result<Check>(const Call&)> DistinctInRange(bool as_share) {
  return [as_share](const Call& call) -> Result<Check> {
    SMELT_ASSIGN(const Column column, call.GetColumn());
    SMELT_ASSIGN(const Range range, RangeOf(call));
    const auto figures = [=, &call](const std::string& count) -> Result<std::vector<std::string>> {
      const std::string observed = as_share ? fmt::format("coalesce({} / nullif({}, 0), 0)", count,
                                                          call.Over(fmt::format("count({})", column.sql)))
                                            : count;
      SMELT_ASSIGN(const std::string in_range, InRange(observed, range, NumberColumn(observed)));
      return std::vector{fmt::format("to_json({})", observed), fmt::format("to_json({})", in_range)};
    };
    SMELT_ASSIGN(const std::vector<std::string> plain, figures(CountDistinct(call, column)));
    if (!MayHaveBits(column)) return FigureCheck{plain, JudgeObserved};
    FigureCheck check{SpanFigures(call, column), {}};
    check.then = [=, &call](const std::vector<Json>& span) {
      const auto bits = CountWithBits(call, column, span[0], span[1]);
      return bits ? figures(*bits).value_or(plain) : plain;
    };
    check.judge = [](const std::vector<Json>& all) { return JudgeObserved({all.at(2), all.at(3)}); };
    return check;
  };
}

std::string PresentShare(const Call& call, const Column& column) {
  return fmt::format("coalesce({} / nullif({}, 0), 0)", call.Over(fmt::format("count({})", column.sql)),
                     call.Over("count(*)"));
}

/// The observed value is the list of all values that occur most often.
Result<Check> MostCommon(const Call& call) {
  SMELT_ASSIGN(const Column column, call.GetColumn());
  const std::string members = MemberLiterals(call.Value("value_set"), column);
  const std::string values_and_hits = fmt::format(
      "(select json_array(to_json(list({0} order by smelt_value)), count_if({1})) from (select smelt_value from "
      "{2} qualify smelt_count = max(smelt_count) over ()))",
      JsonSql("smelt_value", column.kind), InList("smelt_value", members), ValueCounts(call, column));
  const bool ties_okay = call.Flag("ties_okay");
  return FigureCheck{{values_and_hits}, [ties_okay](const std::vector<Json>& figures) {
                       const Json observed = figures[0][0].is_array() ? figures[0][0] : Json::array();
                       const bool success = figures[0][1] > 0 && (ties_okay || observed.size() == 1);
                       return Judgement{success, {{"observed_value", observed}}};
                     }};
}

/// An infinite quantile, which is a text in JSON, as a number.
Json NumberOrSame(const Json& value) {
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  return value;
}

/// Bounds count as met when the value differs from them by one part in ten thousand, as in Great Expectations.
bool InQuantileRange(const Json& value, const Json& range) {
  if (value.is_null()) return false;
  const auto close = [&](const Json& bound) {
    if (!bound.is_number() || !value.is_number()) return false;
    return std::abs(value.get<double>() - bound.get<double>()) <= 1e-4 * std::abs(bound.get<double>());
  };
  const auto comparable = [&](const Json& bound) { return bound.is_number() == value.is_number(); };
  for (const Json& bound : range) {
    if (!bound.is_null() && !comparable(bound)) return false;
  }
  return close(range[0]) || close(range[1]) ||
         ((range[0].is_null() || range[0] <= value) && (range[1].is_null() || value <= range[1]));
}

/// SQL of a list of the quantiles of `count` values. A quantile lies at the position (count - 1) * q among the sorted
/// values: `nearest` takes the value there, of two as near that at the even position; `lower`, `higher` and `midpoint`
/// the neighbours, `linear` what lies between them. Empty when there are no values or no quantiles.
std::string QuantileList(const Call& call, const Column& column, std::string_view how, const Json& quantiles,
                         double count) {
  if (count == 0 || quantiles.empty()) return {};
  const auto at = [&](double position) { return QuantileFigure(column, call.condition(), (position + 0.5) / count); };
  std::string lower, upper;
  for (const Json& quantile : quantiles) {
    const double position = (count - 1) * quantile.get<double>();
    const double low = how == "nearest"  ? std::nearbyint(position)
                       : how == "higher" ? std::ceil(position)
                                         : std::floor(position);
    lower += (lower.empty() ? "" : ", ") + (how == "linear" ? fmt::format("{}", quantile.get<double>()) : at(low));
    upper += (upper.empty() ? "" : ", ") + at(std::ceil(position));
  }
  if (how == "linear") return call.Over(fmt::format("quantile_cont({}, [{}])", column.sql, lower));
  if (how != "midpoint") return fmt::format("[{}]", lower);
  return fmt::format("list_transform(list_zip([{}], [{}]), lambda p: (p[1] + p[2]) / 2)", lower, upper);
}

Result<Check> Quantiles(const Call& call) {
  SMELT_ASSIGN(const Column column, call.GetColumn());
  if (!column.is_number() && !column.is_temporal()) {
    return Fail(ErrorCode::kQualityNotApplicable,
                fmt::format("column \"{}\" is of type {} and has no quantiles", column.name, column.type));
  }
  const Json quantiles = call.Value("quantile_ranges")["quantiles"];
  const Json ranges = call.Value("quantile_ranges")["value_ranges"];
  FigureCheck check{{call.Over("count(" + column.sql + ")")}, {}};
  check.then = [=, &call, how = call.Text("allow_relative_error", "nearest")](const std::vector<Json>& counts) {
    const std::string list = QuantileList(call, column, how, quantiles, counts[0].get<double>());
    return std::vector<std::string>{list.empty() ? "null" : JsonListSql("(" + list + ")", column.kind)};
  };
  check.judge = [quantiles, ranges](const std::vector<Json>& figures) {
    const Json values = figures[1].is_array() ? figures[1] : Json(std::vector<Json>(quantiles.size()));
    Json details = Json::array();
    for (std::size_t i = 0; i < values.size(); ++i)
      details.push_back(InQuantileRange(NumberOrSame(values[i]), ranges[i]));
    const bool success = std::ranges::find(details, Json(false)) == details.end();
    return Judgement{success,
                     {{"observed_value", {{"quantiles", quantiles}, {"values", values}}},
                      {"details", {{"success_details", details}}}}};
  };
  return check;
}

}  // namespace

std::vector<Expectation> DistributionExpectations() {
  return {
      {"expect_column_unique_value_count_to_be_between", "The number of different values lies between the bounds.",
       Domain::kFigures, ColumnAndRange(), R"({"column": "customer_state", "min_value": 20, "max_value": 27})",
       DistinctInRange(false)},
      {"expect_column_proportion_of_unique_values_to_be_between",
       "The number of different values, divided by the number of values, lies between the bounds; that of no values "
       "is 0.",
       Domain::kFigures, ColumnAndRange(), R"({"column": "review_id", "min_value": 0.95})", DistinctInRange(true)},
      {"expect_column_proportion_of_non_null_values_to_be_between",
       "The share of rows whose value is present lies between the bounds; that of no rows is 0.", Domain::kFigures,
       ColumnAndRange(), R"({"column": "product_category_name", "min_value": 0.9})", InRangeOf(PresentShare)},
      {"expect_column_quantile_values_to_be_between",
       "Each quantile lies in its range. A quantile is the value of the column at that share of the way through the "
       "sorted values.",
       Domain::kFigures,
       {{"column", KwargKind::kColumn, true, "The column."},
        {"quantile_ranges", KwargKind::kQuantileRanges, true, "The quantiles and the range of each."},
        {"allow_relative_error", KwargKind::kInterpolation, false,
         "Which value is taken between two positions, as in pandas; `nearest` by default. All are exact."}},
       R"({"column": "price", "quantile_ranges": {"quantiles": [0.5, 0.95], "value_ranges": [[50, 100], [null, 500]]}})",
       Quantiles},
      {"expect_column_most_common_value_to_be_in_set",
       "The value that occurs most often is one of the set.",
       Domain::kFigures,
       {{"column", KwargKind::kColumn, true, "The column."},
        {"value_set", KwargKind::kValues, true, "The set."},
        {"ties_okay", KwargKind::kFlag, false,
         "Of several values that occur equally often, one has to be in the set."}},
       R"({"column": "payment_type", "value_set": ["credit_card"]})",
       MostCommon},
  };
}

}  // namespace smelt::quality
