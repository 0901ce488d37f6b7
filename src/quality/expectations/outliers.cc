#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/internal/literal.h"

/// Expectations that hold a value against the distribution of its column, whose figures are computed first.
namespace smelt::quality {
namespace {

Error NoNumber(const Column& column) {
  return Error(ErrorCode::kQualityNotApplicable,
               fmt::format("column \"{}\" is of type {}, which is no number", column.name, column.type));
}

std::string AsDouble(const Column& column) {
  return "CAST(" + column.sql + " AS DOUBLE)";
}

/// A finite number; nothing for a figure that is missing or infinite.
std::optional<double> Finite(const Json& figure) {
  if (!figure.is_number() || !std::isfinite(figure.get<double>())) return std::nullopt;
  return figure.get<double>();
}

/// Mean and standard deviation; an infinite value leaves neither.
std::vector<std::string> MeanAndDeviation(const Call& call, const Column& column) {
  return {FiniteFigure(call, "avg", column), FiniteFigure(call, "stddev_samp", column)};
}

/// A column without spread has no outliers.
Result<Check> ZScores(const Call& call) {
  SMELT_ASSIGN(Column column, call.GetColumn());
  if (!column.is_number()) return NoValuesCheck(column, NoNumber(column));
  const double threshold = call.Value("threshold").get<double>();
  const bool double_sided = call.Flag("double_sided");
  RowCheck check = ValueCheck(column, "");
  check.facts = MeanAndDeviation(call, column);
  check.with_facts = [=](RowCheck& self, const std::vector<Json>& facts) {
    const std::optional<double> mean = Finite(facts[0]);
    const std::optional<double> deviation = Finite(facts[1]);
    self.expected = "true";
    if (!mean || !deviation || *deviation == 0) return;
    const std::string score = fmt::format("({} - {}) / {}", AsDouble(column), DoubleSql(*mean), DoubleSql(*deviation));
    self.expected = double_sided ? fmt::format("abs({}) < {}", score, DoubleSql(std::abs(threshold)))
                                 : fmt::format("{} < {}", score, DoubleSql(threshold));
    self.satisfied = "count_if(" + self.expected + ")";
  };
  return check;
}

/// Tukey's fences: a value on a fence is inside.
RowCheck WithinFences(const Call& call, const Column& column, double multiplier) {
  RowCheck check = ValueCheck(column, "");
  check.facts = {call.Over(fmt::format("quantile_cont({}, 0.25)", AsDouble(column))),
                 call.Over(fmt::format("quantile_cont({}, 0.75)", AsDouble(column)))};
  check.with_facts = [=](RowCheck& self, const std::vector<Json>& facts) {
    const std::optional<double> first = Finite(facts[0]);
    const std::optional<double> third = Finite(facts[1]);
    self.expected = "true";
    if (!first || !third) return;
    const double reach = multiplier * (*third - *first);
    self.expected =
        fmt::format("{} between {} and {}", AsDouble(column), DoubleSql(*first - reach), DoubleSql(*third + reach));
  };
  return check;
}

/// A value as far from the mean as the threshold is outside; with a threshold of 0 only the mean is inside.
RowCheck NearTheMean(const Call& call, const Column& column, double multiplier) {
  RowCheck check = ValueCheck(column, "");
  check.facts = MeanAndDeviation(call, column);
  check.with_facts = [=](RowCheck& self, const std::vector<Json>& facts) {
    const std::optional<double> mean = Finite(facts[0]);
    const std::optional<double> deviation = Finite(facts[1]);
    self.expected = "true";
    if (!mean || !deviation) return;
    const double threshold = multiplier * *deviation;
    self.expected = threshold <= 0
                        ? fmt::format("{} = {}", AsDouble(column), DoubleSql(*mean))
                        : fmt::format("abs({} - {}) < {}", AsDouble(column), DoubleSql(*mean), DoubleSql(threshold));
  };
  return check;
}

Result<Check> NotOutliers(const Call& call) {
  SMELT_ASSIGN(const Column column, call.GetColumn());
  if (!column.is_number()) return Fail(NoNumber(column));
  const Json& given = call.Value("multiplier");
  const double multiplier = given.is_number() ? given.get<double>() : 1.5;
  if (multiplier < 0) return Fail(ErrorCode::kQualityNotApplicable, "multiplier is negative");
  return call.Text("method", "iqr") == "std" ? NearTheMean(call, column, multiplier)
                                             : WithinFences(call, column, multiplier);
}

}  // namespace

std::vector<Expectation> OutlierExpectations() {
  return {
      {"expect_column_value_z_scores_to_be_less_than",
       "Every value is fewer standard deviations away from the mean than the threshold. Without a spread, all are.",
       Domain::kRows,
       {{"column", KwargKind::kColumn, true, "The column."},
        {"threshold", KwargKind::kNumber, true, "The number of standard deviations."},
        {"double_sided", KwargKind::kFlag, true, "Whether small values are measured, too, or great ones only."}},
       R"({"column": "price", "threshold": 5, "double_sided": true, "mostly": 0.99})",
       ZScores,
       RowScope::kAmongAll},
      {"expect_column_values_to_not_be_outliers",
       "Every value lies near the others: within the quartiles widened by a multiple of their distance, or within a "
       "multiple of the standard deviation from the mean.",
       Domain::kRows,
       {{"column", KwargKind::kColumn, true, "The column."},
        {"method", KwargKind::kText, false, "`iqr` (the default) for quartiles, `std` for the mean.", {"iqr", "std"}},
        {"multiplier", KwargKind::kNumber, false, "How far values may lie away; 1.5 by default."}},
       R"({"column": "freight_value", "method": "iqr", "multiplier": 3, "mostly": 0.95})",
       NotOutliers,
       RowScope::kAmongAll},
  };
}

}  // namespace smelt::quality
