#include <fmt/format.h>

#include "quality/expectations/expectations.h"

namespace smelt::quality {
namespace {

/// Compares each value with the one before it, missing values left out. The order is that of the rows in the table:
/// files in the order of their addition.
std::function<Result<Check>(const Call&)> Ordered(char direction) {
  return [direction](const Call& call) -> Result<Check> {
    SMELT_ASSIGN(Column column, call.GetColumn());
    const Column compared = call.Comparable(column);
    const std::string op = std::string(1, direction) + (call.Flag("strictly") ? "" : "=");
    RowCheck check =
        ValueCheck(std::move(column), fmt::format("{0} is null or {1} {2} {0}", kDerived, compared.sql, op));
    check.derived = fmt::format("lag({}) over ()", compared.sql);
    return check;
  };
}

std::vector<Kwarg> OrderKwargs() {
  return {{"column", KwargKind::kColumn, true, "The column."},
          {"strictly", KwargKind::kFlag, false, "Equal neighbours are out of order too."},
          {"parse_strings_as_datetimes", KwargKind::kFlag, false, "Compare texts as timestamps."}};
}

}  // namespace

std::vector<Expectation> OrderExpectations() {
  return {
      {"expect_column_values_to_be_increasing", "No value is smaller than the one in the row before it.", Domain::kRows,
       OrderKwargs(), R"({"column": "sequence_number", "strictly": true})", Ordered('>'), RowScope::kAmongAll},
      {"expect_column_values_to_be_decreasing", "No value is greater than the one in the row before it.", Domain::kRows,
       OrderKwargs(), R"({"column": "days_left"})", Ordered('<'), RowScope::kAmongAll},
  };
}

}  // namespace smelt::quality
