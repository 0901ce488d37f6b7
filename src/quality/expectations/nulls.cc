#include "quality/expectations/expectations.h"

namespace smelt::quality {

namespace {

// Missing values are the subject here: every row is judged.

Result<Check> NotNull(const Call& call) {
  SMELT_ASSIGN(const Column column, call.GetColumn());
  return RowCheck{
      .columns = {column}, .expected = column.sql + " is not null", .satisfied = "count(" + column.sql + ")"};
}

Result<Check> Null(const Call& call) {
  SMELT_ASSIGN(const Column column, call.GetColumn());
  return RowCheck{.columns = {column}, .expected = column.sql + " is null"};
}

}  // namespace

std::vector<Expectation> NullExpectations() {
  return {
      {"expect_column_values_to_not_be_null",
       "No value of the column is missing.",
       Domain::kRows,
       {{"column", KwargKind::kColumn, true, "The column."}},
       R"({"column": "order_id"})",
       NotNull},
      {"expect_column_values_to_be_null",
       "Every value of the column is missing.",
       Domain::kRows,
       {{"column", KwargKind::kColumn, true, "The column."}},
       R"({"column": "cancelled_at", "row_condition": "col(\"order_status\") == \"delivered\""})",
       Null},
  };
}

}  // namespace smelt::quality
