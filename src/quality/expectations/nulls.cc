#include "quality/expectations/expectations.h"

namespace smelt::quality {

std::vector<Expectation> NullExpectations() {
  // Missing values are the subject here: every row is judged.
  const auto compile = [](const char* expected) {
    return [expected](const Call& call) -> Result<Check> {
      SMELT_ASSIGN(const Column column, call.GetColumn());
      return RowCheck{.columns = {column}, .missing = "", .expected = column.sql + expected};
    };
  };
  return {
      {"expect_column_values_to_not_be_null",
       "No value of the column is missing.",
       Domain::kRows,
       {{"column", KwargKind::kColumn, true, "The column."}},
       R"({"column": "order_id"})",
       compile(" is not null")},
      {"expect_column_values_to_be_null",
       "Every value of the column is missing.",
       Domain::kRows,
       {{"column", KwargKind::kColumn, true, "The column."}},
       R"({"column": "cancelled_at", "row_condition": "col(\"order_status\") == \"delivered\""})",
       compile(" is null")},
  };
}

}  // namespace smelt::quality
