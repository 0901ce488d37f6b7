#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/internal/json_schema.h"
#include "quality/internal/python_json.h"
#include "quality/internal/time_format.h"

namespace smelt::quality {
namespace {

using engine::TypeKind;

RowCheck NoTexts(Column column) {
  Error why(ErrorCode::kQualityNotApplicable,
            fmt::format("column \"{}\" is of type {}, not text: its values are not parsed", column.name, column.type));
  return NoValuesCheck(std::move(column), std::move(why));
}

/// A check of texts by a test that SQL cannot say. Other values cannot be judged; where there are none, nothing is to
/// be.
Result<Check> TextCheck(const Call& call, std::function<Result<bool>(const std::string&)> test) {
  SMELT_ASSIGN(Column column, call.GetColumn());
  if (column.kind != TypeKind::kText) return NoTexts(std::move(column));
  RowCheck check = ValueCheck(std::move(column), "");
  check.value_test = std::move(test);
  return check;
}

Result<Check> StrftimeFormat(const Call& call) {
  SMELT_ASSIGN(const auto format, TimeFormat::Compile(call.Text("strftime_format")));
  return TextCheck(call, [format](const std::string& text) -> Result<bool> { return format->Reads(text); });
}

/// ISO 8601 in DuckDB's reading, and the forms in which people write dates.
Result<Check> DateParseable(const Call& call) {
  SMELT_ASSIGN(Column column, call.GetColumn());
  if (column.kind != TypeKind::kText) return NoTexts(std::move(column));
  std::string expected = fmt::format(
      "coalesce(try_cast({0} AS TIMESTAMP), try_strptime({0}, ['%d/%m/%Y', '%m/%d/%Y', '%Y/%m/%d', '%d.%m.%Y', "
      "'%d-%m-%Y', '%Y%m%d', '%d/%m/%Y %H:%M:%S', '%m/%d/%Y %H:%M:%S', '%d %B %Y', '%B %d, %Y', '%d %b %Y', "
      "'%b %d, %Y', '%a, %d %b %Y %H:%M:%S'])) is not null",
      column.sql);
  return ValueCheck(std::move(column), std::move(expected));
}

/// What is no text is no JSON document either.
Result<Check> JsonParseable(const Call& call) {
  SMELT_ASSIGN(Column column, call.GetColumn());
  if (column.kind != TypeKind::kText) return ValueCheck(std::move(column), "false");
  return TextCheck(call, [](const std::string& text) -> Result<bool> { return IsPythonJson(text); });
}

/// A text that is no JSON at all cannot be judged, as in Great Expectations.
Result<Check> MatchesSchema(const Call& call) {
  SMELT_ASSIGN(const auto schema, JsonSchema::Compile(call.Value("json_schema")));
  return TextCheck(call, [schema](const std::string& text) -> Result<bool> {
    const Json document = JsonOrDiscarded(text);
    if (!document.is_discarded()) return schema->Fits(document);
    constexpr std::size_t kShownMax = 60;
    return Fail(ErrorCode::kQualityNotApplicable,
                fmt::format("`{}` is not a JSON document", text.substr(0, kShownMax)));
  });
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
      {"expect_column_values_to_match_json_schema",
       "Every text is a JSON document that fits the schema. Formats are not checked.",
       Domain::kRows,
       {{"column", KwargKind::kColumn, true, "The column."},
        {"json_schema", KwargKind::kObject, true, "A JSON Schema."}},
       R"({"column": "payload", "json_schema": {"type": "object", "required": ["id"]}})",
       MatchesSchema},
  };
}

}  // namespace smelt::quality
