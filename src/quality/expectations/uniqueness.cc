#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "quality/expectations/expectations.h"
#include "quality/internal/distinct_figures.h"
#include "quality/internal/literal.h"
#include "quality/internal/multicolumn.h"

/// Uniqueness is proven by counting distinct 64-bit hashes beside the other figures of the suite: as many hashes as
/// rows means that no two rows are equal. Only when there are fewer (equal rows, or a collision) are the rows grouped
/// by their values. Hashes make the common, passing case cheaper than distinct values do, above all for long keys.
/// Where an integer is among the columns, bits are tried before.
namespace smelt::quality {
namespace {

RowCheck Unique(RowCheck check) {
  const std::string list = JoinSql(check.columns);
  check.derived = fmt::format("count(*) over (partition by {})", list);
  check.expected = fmt::format("{} = 1", kDerived);
  check.proof = fmt::format("count(distinct hash({}))", list);
  std::ranges::copy_if(check.columns, std::back_inserter(check.keys), MayHaveBits);
  return check;
}

Result<Check> UniqueColumn(const Call& call) {
  SMELT_ASSIGN(Column column, call.GetColumn());
  return Unique(ValueCheck(std::move(column), ""));
}

Result<Check> UniqueCompound(const Call& call) {
  SMELT_ASSIGN(RowCheck check, RecordCheck(call));
  return Unique(std::move(check));
}

/// Missing values count as one more value, as in Great Expectations.
Result<Check> DifferentWithinRecord(const Call& call) {
  SMELT_ASSIGN(RowCheck check, RecordCheck(call));
  for (std::size_t i = 0; i < check.columns.size(); ++i) {
    for (std::size_t j = i + 1; j < check.columns.size(); ++j) {
      if (!check.expected.empty()) check.expected += " and ";
      const Column& one = check.columns[i];
      const Column& other = check.columns[j];
      check.expected += CanBeEqual(one, other) ? fmt::format("{} is distinct from {}", one.sql, other.sql)
                                               : fmt::format("not ({} is null and {} is null)", one.sql, other.sql);
    }
  }
  if (check.expected.empty()) check.expected = "true";
  return check;
}

}  // namespace

std::vector<Expectation> UniquenessExpectations() {
  return {
      {"expect_column_values_to_be_unique",
       "No value occurs twice. Missing values are left out.",
       Domain::kRows,
       {{"column", KwargKind::kColumn, true, "The column."}},
       R"({"column": "order_id"})",
       UniqueColumn,
       RowScope::kAmongEquals},
      {"expect_compound_columns_to_be_unique",
       "No combination of values occurs twice; a missing value equals another missing value.", Domain::kRows,
       MulticolumnKwargs(), R"({"column_list": ["order_id", "order_item_id"]})", UniqueCompound,
       RowScope::kAmongEquals},
      {"expect_select_column_values_to_be_unique_within_record",
       "Within each row, the values of the columns differ from each other.", Domain::kRows, MulticolumnKwargs(),
       R"({"column_list": ["seller_id", "customer_id"]})", DifferentWithinRecord},
      {"expect_multicolumn_values_to_be_unique",
       "The older name of expect_select_column_values_to_be_unique_within_record.", Domain::kRows, MulticolumnKwargs(),
       R"({"column_list": ["seller_id", "customer_id"]})", DifferentWithinRecord},
  };
}

}  // namespace smelt::quality
