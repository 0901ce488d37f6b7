#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "quality/internal/expectation.h"
#include "quality/internal/frame.h"

/// Values between suites (JSON) and SQL.
namespace smelt::quality {

/// SQL for a suite's value that is to be compared with a column: a number for numbers, a string for texts, dates and
/// times. Errors: kQualityNotApplicable when the two have no order.
Result<std::string> BoundLiteral(const Json& value, const Column& column);

/// SQL for a double, infinities included.
std::string DoubleSql(double value);

/// SQL for a value as Python writes it: true is "True".
std::string TextSql(const Column& column);

/// A column of booleans as numbers, as Python has it; any other as it is.
Column BooleansAsNumbers(Column column);

/// Whether values of two columns can be equal: texts and numbers cannot.
bool CanBeEqual(const Column& a, const Column& b);

/// An aggregate such as "avg" over the rows of a call, as a number; missing when the column has an infinite value.
std::string FiniteFigure(const Call& call, std::string_view aggregate, const Column& column);

/// SQL for a suite's value as a possible value of a column; nothing when it cannot be one (a text in a column of
/// numbers, null).
std::optional<std::string> MemberLiteral(const Json& value, const Column& column);

/// SQL for the values of a list that the column can have: "1, 2, 5"; empty when there are none.
std::string MemberLiterals(const Json& values, const Column& column);

/// Whether a value is one of a list; "false" for an empty list. Said with list_contains, which DuckDB evaluates once
/// per entry of a column's dictionary, where `in` compares every row with every literal.
std::string InList(const std::string& sql, const std::string& literals);

/// "<sql> >= low and <sql> <= high" with strict or open ends as the kwargs say. `sql` has the type of `column`.
/// Errors: kQualityNotApplicable.
struct Range {
  Json low, high;  ///< null: open
  bool strict_low = false, strict_high = false;
};
Result<std::string> InRange(const std::string& sql, const Range& range, const Column& column);
/// The same of values none of which is not-a-number, in a function of smelt's that costs less; empty where there is
/// none.
std::string CountedInRange(const std::string& sql, const Range& range, const Column& column);

/// SQL that writes a value of the column's type as JSON text: numbers as numbers, times as ISO 8601.
std::string JsonSql(const std::string& sql, engine::TypeKind kind);

/// The same for a list of such values.
std::string JsonListSql(const std::string& sql, engine::TypeKind kind);

/// The first `count` values of a list, or all when it has fewer.
Json FirstOf(const Json& list, std::size_t count);

/// Reads what JsonSql, a count or NULL gave.
Json ParseCell(const engine::Cell& cell);

}  // namespace smelt::quality
