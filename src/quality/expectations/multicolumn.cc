#include "quality/internal/multicolumn.h"

#include <algorithm>

#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/internal/literal.h"

namespace smelt::quality {
namespace {

/// With a missing value there is no sum.
Result<Check> SumEquals(const Call& call) {
  SMELT_ASSIGN(RowCheck check, RecordCheck(call));
  const auto no_number = std::ranges::find_if_not(check.columns, &Column::is_number);
  if (no_number != check.columns.end()) {
    return Fail(ErrorCode::kQualityNotApplicable,
                fmt::format("column \"{}\" is of type {} and cannot be added up", no_number->name, no_number->type));
  }
  std::string sum;
  for (const Column& column : check.columns) {
    sum += (sum.empty() ? "" : " + ") + column.sql;
  }
  check.expected = fmt::format("{} = {}", sum, JsonText(call.Value("sum_total")));
  return check;
}

Result<Check> AllEqual(const Call& call) {
  SMELT_ASSIGN(RowCheck check, RecordCheck(call));
  check.expected = "true";
  for (std::size_t i = 1; i < check.columns.size(); ++i) {
    const Column& first = check.columns[0];
    const Column& other = check.columns[i];
    check.expected += CanBeEqual(first, other) ? fmt::format(" and {} is not distinct from {}", first.sql, other.sql)
                                               : fmt::format(" and ({} is null and {} is null)", first.sql, other.sql);
  }
  return check;
}

}  // namespace

std::vector<Expectation> MulticolumnExpectations() {
  std::vector<Kwarg> sum = MulticolumnKwargs();
  sum.push_back({"sum_total", KwargKind::kNumber, true, "The sum."});
  return {
      {"expect_multicolumn_sum_to_equal",
       "In each row the values add up to the sum. A row with a missing value has none.", Domain::kRows, std::move(sum),
       R"({"column_list": ["share_a", "share_b"], "sum_total": 100})", SumEquals},
      {"expect_multicolumn_values_to_be_equal", "In each row the values of the columns are equal.", Domain::kRows,
       MulticolumnKwargs(), R"({"column_list": ["price", "list_price"]})", AllEqual},
  };
}

}  // namespace smelt::quality
