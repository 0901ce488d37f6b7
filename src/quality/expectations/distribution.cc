#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/internal/range.h"

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

std::string DistinctCount(const Call& call, const Column& column) {
  return call.Over(fmt::format("count(distinct {})", column.sql));
}

std::string DistinctShare(const Call& call, const Column& column) {
  return fmt::format("coalesce({} / nullif({}, 0), 0)", DistinctCount(call, column),
                     call.Over(fmt::format("count({})", column.sql)));
}

std::string PresentShare(const Call& call, const Column& column) {
  return fmt::format("coalesce({} / nullif({}, 0), 0)", call.Over(fmt::format("count({})", column.sql)),
                     call.Over("count(*)"));
}

/// The observed value is the list of all values that occur most often.
Result<Check> MostCommon(const Call& call) {
  SMELT_ASSIGN(const Column column, call.GetColumn());
  const std::string counts = fmt::format("(select {0} as smelt_value, count(*) as smelt_count {1} group by {0})",
                                         column.sql, call.From(column.sql + " is not null"));
  const std::string members = MemberLiterals(call.Value("value_set"), column);
  const auto top = [&](const std::string& figure) {
    return fmt::format("(select {} from {} where smelt_count = (select max(smelt_count) from {}))", figure, counts,
                       counts);
  };
  const std::string values =
      top(fmt::format("to_json(list({} order by smelt_value))", JsonSql("smelt_value", column.kind)));
  const std::string hits = top(fmt::format("count_if({})", InList("smelt_value", members)));
  const bool ties_okay = call.Flag("ties_okay");
  return FigureCheck{{values, hits}, [ties_okay](const std::vector<Json>& figures) {
                       const Json observed = figures[0].is_array() ? figures[0] : Json::array();
                       const bool success = figures[1] > 0 && (ties_okay || observed.size() == 1);
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
std::string QuantileList(const std::string& sql, std::string_view how, const Json& quantiles, double count) {
  if (count == 0 || quantiles.empty()) return {};
  const auto at = [&](double position) { return fmt::format("{}", (position + 0.5) / count); };
  std::string lower, upper;
  for (const Json& quantile : quantiles) {
    const double position = (count - 1) * quantile.get<double>();
    const double low = how == "nearest"  ? std::nearbyint(position)
                       : how == "higher" ? std::ceil(position)
                                         : std::floor(position);
    lower += (lower.empty() ? "" : ", ") + (how == "linear" ? fmt::format("{}", quantile.get<double>()) : at(low));
    upper += (upper.empty() ? "" : ", ") + at(std::ceil(position));
  }
  if (how == "linear") return fmt::format("quantile_cont({}, [{}])", sql, lower);
  if (how != "midpoint") return fmt::format("quantile_disc({}, [{}])", sql, lower);
  return fmt::format(
      "list_transform(list_zip(quantile_disc({0}, [{1}]), quantile_disc({0}, [{2}])), p -> (p[1] + p[2]) / 2)", sql,
      lower, upper);
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
  check.then = [=, over = [&call](const std::string& figure) { return call.Over(figure); },
                how = call.Text("allow_relative_error", "nearest")](const std::vector<Json>& counts) {
    const std::string list = QuantileList(column.sql, how, quantiles, counts[0].get<double>());
    return std::vector<std::string>{list.empty() ? "null" : JsonListSql("(" + over(list) + ")", column.kind)};
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
       InRangeOf(DistinctCount)},
      {"expect_column_proportion_of_unique_values_to_be_between",
       "The number of different values, divided by the number of values, lies between the bounds; that of no values "
       "is 0.",
       Domain::kFigures, ColumnAndRange(), R"({"column": "review_id", "min_value": 0.95})", InRangeOf(DistinctShare)},
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
