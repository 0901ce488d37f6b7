#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/internal/figures.h"
#include "quality/internal/literal.h"
#include "quality/internal/range.h"

namespace smelt::quality {
namespace {

/// An SQL aggregate of one column.
struct Aggregate {
  const char* word;        ///< "mean", as in expect_column_mean_to_be_between
  const char* sql;         ///< with {} for the column
  const char* of_nothing;  ///< its value over no values; null: none
  bool of_any_type;        ///< not only of numbers; the result is of the column's type
  const char* summary;
  const char* example;
};

/// The value of an aggregate: missing where infinities leave none.
std::string Observed(const Call& call, const Aggregate& aggregate, const Column& column) {
  if (aggregate.of_any_type || column.kind != engine::TypeKind::kFloat) {
    return call.Over(fmt::format(fmt::runtime(aggregate.sql), column.sql));
  }
  if (std::string_view(aggregate.word) == "stdev") return FiniteFigure(call, "stddev_samp", column);
  const std::string figure = call.Over(fmt::format(fmt::runtime(aggregate.sql), column.sql));
  return fmt::format("case when isnan({0}) then null else {0} end", figure);
}

/// The median as one or two quantiles, so that it is found together with others of the column. Of fractions that are
/// written in digits, SQL's own median keeps the digits.
FigureCheck Median(const Call& call, const Column& column, const Range& range) {
  FigureCheck check{{call.Over("count(" + column.sql + ")")}, {}};
  check.then = [=, &call](const std::vector<Json>& counts) -> std::vector<std::string> {
    const auto count = counts[0].get<double>();
    if (count == 0) return {"null", "null"};
    const auto at = [&](double position) {
      return "CAST(" + QuantileFigure(column, call.condition(), (position + 0.5) / count) + " AS DOUBLE)";
    };
    const std::string low = at(std::floor((count - 1) / 2));
    const std::string high = at(std::ceil((count - 1) / 2));
    const std::string between = low == high ? low : fmt::format("({0} + ({1} - {0}) / 2)", low, high);
    const std::string observed = fmt::format("case when isnan({0}) then null else {0} end", between);
    const auto in_range = InRange("(" + observed + ")", range, NumberColumn(observed));
    return {JsonSql("(" + observed + ")", engine::TypeKind::kFloat),
            fmt::format("to_json({})", in_range.value_or("null"))};
  };
  check.judge = [](const std::vector<Json>& figures) { return JudgeObserved({figures.at(1), figures.at(2)}); };
  return check;
}

/// The digits of a decimal type, all and those of the fraction.
struct Digits {
  int width = 0, scale = 0;
};

/// Those of "DECIMAL(10,2)"; nothing for another type.
std::optional<Digits> DigitsOf(std::string_view type) {
  constexpr std::string_view kBegin = "DECIMAL(";
  if (!type.starts_with(kBegin)) return std::nullopt;
  Digits digits;
  const char* const end = type.data() + type.size();
  const auto width = std::from_chars(type.data() + kBegin.size(), end, digits.width);
  if (width.ec != std::errc() || width.ptr == end || *width.ptr != ',') return std::nullopt;
  const auto scale = std::from_chars(width.ptr + 1, end, digits.scale);
  return scale.ec == std::errc() ? std::optional(digits) : std::nullopt;
}

/// The type of an exact sum; empty where sums are rounded or may not fit, so that those of parts would not add up.
std::string SumType(const Column& column) {
  static constexpr std::string_view kIntegers[] = {"TINYINT",  "SMALLINT",  "INTEGER",  "BIGINT",
                                                   "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"};
  if (std::ranges::find(kIntegers, column.type) != std::end(kIntegers)) return "HUGEINT";
  constexpr int kWidthMax = 18;
  const auto digits = DigitsOf(column.type);
  return digits && digits->width <= kWidthMax ? fmt::format("DECIMAL(38,{})", digits->scale) : "";
}

/// What the aggregate of more rows can be made of; nothing where it is not known.
std::vector<Part> PartsOf(const Call& call, const Aggregate& aggregate, const Column& column) {
  const std::string_view word = aggregate.word;
  if (word == "min" || word == "max") {
    const bool as_text = column.is_number() || column.is_temporal() || column.kind == engine::TypeKind::kText;
    if (!as_text) return {};
    return {{call.Over(fmt::format(fmt::runtime(aggregate.sql), column.sql)), column.type,
             word == "min" ? Part::Merge::kLeast : Part::Merge::kGreatest}};
  }
  const std::string type = SumType(column);
  if ((word != "sum" && word != "mean") || type.empty()) return {};
  return {{call.Over("sum(" + column.sql + ")"), type, Part::Merge::kSum},
          {call.Over("count(" + column.sql + ")"), "BIGINT", Part::Merge::kSum}};
}

/// The value of an aggregate, made of its parts. A mean is divided once: the sum of decimals is taken as the integer
/// that its digits are.
std::string Combined(std::string_view word, const std::string& type, const std::vector<std::string>& parts) {
  if (word == "sum") return fmt::format("case when {} = 0 then 0 else {} end", parts[1], parts[0]);
  if (word != "mean") return parts[0];
  if (type == "HUGEINT") return fmt::format("CAST({} AS DOUBLE) / {}", parts[0], parts[1]);
  const int scale = DigitsOf(type).value_or(Digits{}).scale;
  return fmt::format("CAST(CAST(replace(CAST({} AS VARCHAR), '.', '') AS HUGEINT) AS DOUBLE) / ({} * 1e{})", parts[0],
                     parts[1], scale);
}

std::function<Result<Check>(const Call&)> Compile(const Aggregate& aggregate) {
  return [aggregate](const Call& call) -> Result<Check> {
    SMELT_ASSIGN(const Column found, call.GetColumn());
    const Column comparable = call.Comparable(found);
    const Column column = aggregate.of_any_type ? comparable : BooleansAsNumbers(comparable);
    if (!aggregate.of_any_type && !column.is_number()) {
      return Fail(ErrorCode::kQualityNotApplicable,
                  fmt::format("column \"{}\" is of type {} and has no {}", column.name, column.type, aggregate.word));
    }
    SMELT_ASSIGN(const Range range, RangeOf(call));
    std::string observed = Observed(call, aggregate, column);
    if (aggregate.of_nothing) {
      observed = fmt::format("case when {} = 0 then {} else {} end", call.Over("count(" + column.sql + ")"),
                             aggregate.of_nothing, observed);
    }
    const Column result = aggregate.of_any_type ? column : NumberColumn(observed);
    SMELT_ASSIGN(const std::string in_range, InRange("(" + observed + ")", range, result));
    if (std::string_view(aggregate.word) == "median" && column.kind != engine::TypeKind::kDecimal) {
      return Median(call, column, range);
    }
    std::vector<Part> parts = PartsOf(call, aggregate, column);
    if (parts.empty()) {
      return FigureCheck{{JsonSql("(" + observed + ")", result.kind), fmt::format("to_json({})", in_range)},
                         JudgeObserved};
    }
    const auto figures = [word = aggregate.word, type = parts[0].type, range,
                          result](const std::vector<std::string>& merged) -> std::vector<std::string> {
      const std::string value = "(" + Combined(word, type, merged) + ")";
      return {JsonSql(value, result.kind), fmt::format("to_json({})", InRange(value, range, result).value_or("null"))};
    };
    return CheckOfParts(std::move(parts), figures, JudgeObserved);
  };
}

}  // namespace

std::vector<Expectation> AggregateExpectations() {
  static constexpr Aggregate kAggregates[] = {
      {"min", "min({})", nullptr, true, "The smallest value lies between the bounds.",
       R"({"column": "price", "min_value": 0})"},
      {"max", "max({})", nullptr, true, "The greatest value lies between the bounds.",
       R"({"column": "order_date", "max_value": "2018-12-31"})"},
      {"mean", "avg({})", nullptr, false, "The mean lies between the bounds.",
       R"({"column": "review_score", "min_value": 3.5, "max_value": 5})"},
      {"median", "median({})", nullptr, false, "The median lies between the bounds.",
       R"({"column": "price", "min_value": 50, "max_value": 100})"},
      {"stdev", "stddev_samp({})", nullptr, false, "The standard deviation of the sample lies between the bounds.",
       R"({"column": "price", "max_value": 250})"},
      {"sum", "sum({})", "0", false, "The sum lies between the bounds; that of no values is 0.",
       R"({"column": "revenue", "min_value": 1})"},
  };
  std::vector<Expectation> expectations;
  for (const Aggregate& aggregate : kAggregates) {
    std::vector<Kwarg> kwargs = RangeKwargs();
    kwargs.insert(kwargs.begin(), {"column", KwargKind::kColumn, true, "The column."});
    if (aggregate.of_any_type) {
      kwargs.push_back({"parse_strings_as_datetimes", KwargKind::kFlag, false, "Compare texts as timestamps."});
    }
    expectations.push_back({fmt::format("expect_column_{}_to_be_between", aggregate.word), aggregate.summary,
                            Domain::kFigures, std::move(kwargs), aggregate.example, Compile(aggregate)});
  }
  return expectations;
}

}  // namespace smelt::quality
