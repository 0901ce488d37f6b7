#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/internal/literal.h"
#include "quality/internal/multicolumn.h"

namespace smelt::quality {
namespace {

Result<Check> Greater(const Call& call) {
  SMELT_ASSIGN(RowCheck check, PairCheck(call));
  const Column a = call.Comparable(check.columns[0]);
  const Column b = call.Comparable(check.columns[1]);
  if ((a.kind == engine::TypeKind::kText) != (b.kind == engine::TypeKind::kText)) {
    return Fail(
        ErrorCode::kQualityNotApplicable,
        fmt::format("columns \"{}\" ({}) and \"{}\" ({}) have no common order", a.name, a.type, b.name, b.type));
  }
  check.expected = fmt::format("{} {} {}", a.sql, call.Flag("or_equal") ? ">=" : ">", b.sql);
  // True of present values only.
  check.satisfied = "count_if(" + check.expected + ")";
  return check;
}

/// A missing value is not equal to a present one.
Result<Check> Equal(const Call& call) {
  SMELT_ASSIGN(RowCheck check, PairCheck(call));
  const bool comparable = CanBeEqual(check.columns[0], check.columns[1]);
  check.expected = comparable ? fmt::format("{} = {}", check.columns[0].sql, check.columns[1].sql) : "false";
  check.satisfied = "count_if(" + check.expected + ")";
  return check;
}

/// SQL of "this column has this value", null being a value too; "false" for a value it cannot have.
std::string HasValue(const Column& column, const Json& value) {
  if (value.is_null()) return column.sql + " is null";
  const auto literal = MemberLiteral(value, column);
  return literal ? column.sql + " = " + *literal : "false";
}

Result<Check> PairInSet(const Call& call) {
  SMELT_ASSIGN(RowCheck check, PairCheck(call));
  check.expected = "false";
  for (const Json& pair : call.Value("value_pairs_set")) {
    check.expected +=
        fmt::format(" or ({} and {})", HasValue(check.columns[0], pair[0]), HasValue(check.columns[1], pair[1]));
  }
  return check;
}

std::vector<Kwarg> WithKwarg(std::vector<Kwarg> kwargs, Kwarg kwarg) {
  kwargs.push_back(std::move(kwarg));
  return kwargs;
}

}  // namespace

std::vector<Expectation> ColumnPairExpectations() {
  std::vector<Kwarg> greater =
      WithKwarg(PairKwargs(), {"or_equal", KwargKind::kFlag, false, "Equal values are in order too."});
  greater.push_back({"parse_strings_as_datetimes", KwargKind::kFlag, false, "Compare texts as timestamps."});
  return {
      {"expect_column_pair_values_a_to_be_greater_than_b",
       "In each row the value of column_A is greater than that of column_B. A row with one value missing fails.",
       Domain::kRows, std::move(greater),
       R"({"column_A": "delivered_at", "column_B": "purchased_at", "or_equal": true, "ignore_row_if": "either_value_is_missing"})",
       Greater},
      {"expect_column_pair_values_to_be_equal", "In each row both values are equal.", Domain::kRows, PairKwargs(),
       R"({"column_A": "billing_country", "column_B": "shipping_country"})", Equal},
      {"expect_column_pair_values_to_be_in_set", "In each row the two values are one of the pairs.", Domain::kRows,
       WithKwarg(PairKwargs(), {"value_pairs_set", KwargKind::kPairs, true, "The pairs; null is a missing value."}),
       R"({"column_A": "currency", "column_B": "country", "value_pairs_set": [["BRL", "BR"], ["EUR", "PT"]]})",
       PairInSet},
  };
}

}  // namespace smelt::quality
