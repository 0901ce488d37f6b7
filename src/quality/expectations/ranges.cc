#include "quality/expectations/expectations.h"
#include "quality/internal/range.h"

namespace smelt::quality {
namespace {

Result<Check> Between(const Call& call) {
  SMELT_ASSIGN(Column column, call.GetColumn());
  SMELT_ASSIGN(const Range range, OrderedRangeOf(call));
  if (range.low.is_null() && range.high.is_null()) {
    return Fail(ErrorCode::kQualityNotApplicable, "neither min_value nor max_value is given");
  }
  const Column compared = BooleansAsNumbers(call.Comparable(column));
  auto expected = InRange(compared.sql, range, compared);
  if (!expected) return NoValuesCheck(std::move(column), expected.error());
  return StrictCheck(std::move(column), *std::move(expected), CountedInRange(compared.sql, range, compared));
}

std::string LengthOf(const Column& column) {
  return "length(" + TextSql(column) + ")";
}

Result<Check> LengthBetween(const Call& call) {
  SMELT_ASSIGN(Column column, call.GetColumn());
  SMELT_ASSIGN(const Range range, RangeOf(call));
  if (range.low.is_null() && range.high.is_null()) {
    return Fail(ErrorCode::kQualityNotApplicable, "neither min_value nor max_value is given");
  }
  const std::string length = LengthOf(column);
  SMELT_ASSIGN(std::string expected, InRange(length, range, NumberColumn(length)));
  return StrictCheck(std::move(column), std::move(expected));
}

Result<Check> LengthEquals(const Call& call) {
  SMELT_ASSIGN(Column column, call.GetColumn());
  std::string expected = LengthOf(column) + " = " + JsonText(call.Value("value"));
  return StrictCheck(std::move(column), std::move(expected));
}

std::vector<Kwarg> WithColumn(std::vector<Kwarg> kwargs) {
  kwargs.insert(kwargs.begin(), {"column", KwargKind::kColumn, true, "The column."});
  return kwargs;
}

}  // namespace

std::vector<Expectation> RangeExpectations() {
  std::vector<Kwarg> between = WithColumn(RangeKwargs());
  between.push_back({"parse_strings_as_datetimes", KwargKind::kFlag, false, "Compare texts as timestamps."});
  return {
      {"expect_column_values_to_be_between",
       "Every value lies between the bounds: numbers, dates and times by their order, texts by their bytes.",
       Domain::kRows, std::move(between), R"({"column": "price", "min_value": 0, "max_value": 10000})", Between},
      {"expect_column_value_lengths_to_be_between", "Every value has a length, in characters, between the bounds.",
       Domain::kRows, WithColumn(RangeKwargs()), R"({"column": "customer_state", "min_value": 2, "max_value": 2})",
       LengthBetween},
      {"expect_column_value_lengths_to_equal",
       "Every value has this length in characters.",
       Domain::kRows,
       {{"column", KwargKind::kColumn, true, "The column."}, {"value", KwargKind::kNumber, true, "The length."}},
       R"({"column": "order_id", "value": 32})",
       LengthEquals},
  };
}

}  // namespace smelt::quality
