#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "quality/internal/frame.h"

namespace smelt::quality {

/// Gives the SQL of a column that a condition names, or the error that it does not exist.
using ColumnSql = std::function<Result<std::string>(std::string_view name)>;

/// Translates a row_condition into a SQL predicate. Understood are comparisons, arithmetic, `in`, `between`, `like`,
/// null tests, and `and`, `or`, `not` with parentheses, in the spellings of `parser`:
///   great_expectations  col("status") == "delivered", col("price").notnull()
///   pandas              status == "delivered" and 3 < price <= 5, `my col` in [1, 2], ~title.str.contains("x")
///   duckdb, sql, spark  "status" = 'delivered' and price is not null; what is not understood is left to the engine
/// or the object form {"type": "comparison", "column": {"name": …}, "operator": …, "parameter": …} (also nullity, and,
/// or, pass_through). An empty parser means great_expectations.
/// Missing values are those of pandas but in the three languages of SQL: one differs from every other value.
/// Errors: kConfigValueInvalid, with what was expected at which character; those of `column`.
Result<std::string> RowConditionSql(const Json& condition, std::string_view parser, const ColumnSql& column);

/// The SQL of the row_condition among the kwargs of an expectation; empty when there is none. Errors: as above.
Result<std::string> ConditionSql(const Json& kwargs, const Frame& frame);

/// Whether the row_condition among the kwargs is known to look at nothing but the row: not at the time or at other
/// tables, as SQL that is left to the engine may. True without one.
bool ConditionIsOfTheRow(const Json& kwargs);

}  // namespace smelt::quality
