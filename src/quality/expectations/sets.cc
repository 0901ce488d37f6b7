#include "quality/expectations/expectations.h"
#include "quality/internal/literal.h"

namespace smelt::quality {
namespace {

std::vector<Kwarg> SetKwargs() {
  return {{"column", KwargKind::kColumn, true, "The column."},
          {"value_set", KwargKind::kValues, true, "The set."},
          {"parse_strings_as_datetimes", KwargKind::kFlag, false, "Compare texts as timestamps."}};
}

Result<std::pair<Column, std::string>> ColumnAndMembership(const Call& call) {
  SMELT_ASSIGN(Column column, call.GetColumn());
  const Column compared = call.Comparable(column);
  std::string in_set = InList(compared.sql, MemberLiterals(call.Value("value_set"), compared));
  return std::pair(std::move(column), std::move(in_set));
}

Result<Check> InSet(const Call& call) {
  SMELT_ASSIGN(auto found, ColumnAndMembership(call));
  return StrictCheck(std::move(found.first), std::move(found.second));
}

Result<Check> NotInSet(const Call& call) {
  SMELT_ASSIGN(auto found, ColumnAndMembership(call));
  return ValueCheck(std::move(found.first), "not " + found.second);
}

}  // namespace

std::vector<Expectation> SetExpectations() {
  return {
      {"expect_column_values_to_be_in_set",
       "Every value is one of the set. A value of another type than the column's equals none of its values.",
       Domain::kRows, SetKwargs(), R"({"column": "order_status", "value_set": ["delivered", "shipped", "canceled"]})",
       InSet},
      {"expect_column_values_to_not_be_in_set", "No value is one of the set.", Domain::kRows, SetKwargs(),
       R"({"column": "customer_state", "value_set": ["", "XX"]})", NotInSet},
  };
}

}  // namespace smelt::quality
