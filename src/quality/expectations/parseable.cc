#include <fmt/format.h>

#include "quality/expectations/expectations.h"

namespace smelt::quality {
namespace {

using engine::TypeKind;

Result<Column> TextColumn(const Call& call) {
  SMELT_ASSIGN(Column column, call.GetColumn());
  if (column.kind == TypeKind::kText) return column;
  return Fail(
      ErrorCode::kQualityNotApplicable,
      fmt::format("column \"{}\" is of type {}, not text: its values are not parsed", column.name, column.type));
}

Result<Check> StrftimeFormat(const Call& call) {
  SMELT_ASSIGN(Column column, TextColumn(call));
  std::string expected =
      fmt::format("try_strptime({}, {}) is not null", column.sql, engine::QuoteLiteral(call.Text("strftime_format")));
  return ValueCheck(std::move(column), std::move(expected));
}

/// ISO 8601 in DuckDB's reading, and the forms in which people write dates.
Result<Check> DateParseable(const Call& call) {
  SMELT_ASSIGN(Column column, TextColumn(call));
  std::string expected = fmt::format(
      "coalesce(try_cast({0} AS TIMESTAMP), try_strptime({0}, ['%d/%m/%Y', '%m/%d/%Y', '%Y/%m/%d', '%d.%m.%Y', "
      "'%d-%m-%Y', '%Y%m%d', '%d/%m/%Y %H:%M:%S', '%m/%d/%Y %H:%M:%S', '%d %B %Y', '%B %d, %Y', '%d %b %Y', "
      "'%b %d, %Y', '%a, %d %b %Y %H:%M:%S'])) is not null",
      column.sql);
  return ValueCheck(std::move(column), std::move(expected));
}

Result<Check> JsonParseable(const Call& call) {
  SMELT_ASSIGN(Column column, TextColumn(call));
  std::string expected = "json_valid(" + column.sql + ")";
  return ValueCheck(std::move(column), std::move(expected));
}

}  // namespace

std::vector<Expectation> ParseableExpectations() {
  return {
      {"expect_column_values_to_match_strftime_format",
       "Every text is a time in this format.",
       Domain::kRows,
       {{"column", KwargKind::kColumn, true, "The column."},
        {"strftime_format", KwargKind::kText, true, "A format such as `%Y-%m-%d %H:%M:%S`."}},
       R"({"column": "order_purchase_timestamp", "strftime_format": "%Y-%m-%d %H:%M:%S"})",
       StrftimeFormat},
      {"expect_column_values_to_be_dateutil_parseable",
       "Every text is a date or time: ISO 8601, or day, month and year in a usual order.",
       Domain::kRows,
       {{"column", KwargKind::kColumn, true, "The column."}},
       R"({"column": "signup_date"})",
       DateParseable},
      {"expect_column_values_to_be_json_parseable",
       "Every text is a JSON document.",
       Domain::kRows,
       {{"column", KwargKind::kColumn, true, "The column."}},
       R"({"column": "payload"})",
       JsonParseable},
  };
}

}  // namespace smelt::quality
