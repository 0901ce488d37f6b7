#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "quality/internal/row_condition.h"

namespace smelt::quality {

/// What a comparison means when a value is missing: SQL's answer is missing, too; in pandas a missing value differs
/// from every other, and no other comparison with it holds.
enum class NullRule { kSql, kPandas };

/// "left op right" in SQL. `==` and `<>` are understood. With `two_valued`, the answer is never missing.
std::string ComparisonSql(const std::string& left, std::string_view op, const std::string& right, NullRule rule,
                          bool two_valued = false);
/// Whether a value is one of a list of SQL expressions, "1, 2", which may be empty.
std::string MembershipSql(const std::string& value, bool negated, const std::string& list, NullRule rule,
                          bool two_valued = false);

/// Translates the text of a condition to a SQL predicate: comparisons, which may be chained, arithmetic, `in`,
/// `between`, `like`, null tests, methods of pandas' columns, and `and`, `or`, `not`. With `double_quotes_name`, "…" is
/// a column, else a string.
/// Errors: kConfigValueInvalid, with what was expected at which character; those of `column`.
Result<std::string> ParseCondition(std::string_view text, bool double_quotes_name, NullRule rule,
                                   const ColumnSql& column);

}  // namespace smelt::quality
