#include "quality/internal/literal.h"

#include <cmath>

#include <fmt/format.h>

#include "base/clock.h"

namespace smelt::quality {
namespace {

using engine::TypeKind;

std::string NumberLiteral(const Json& value) {
  return value.is_number_float() ? fmt::format("{}", value.get<double>()) : JsonText(value);
}

/// TIMESTAMP '2018-05-24 06:00:00.123456', or the same with zone.
std::string TimestampLiteral(std::int64_t micros, bool with_zone) {
  std::string text = FormatUtcMicros(micros);
  text.pop_back();  // the Z
  return with_zone ? "TIMESTAMPTZ '" + text + "+00'" : "TIMESTAMP '" + text + "'";
}

bool HasZone(const Column& column) {
  return column.type.find("TIME ZONE") != std::string::npos;
}

/// Fractions of a second have six digits in ISO 8601 as Python writes it.
std::string SixDigits(const std::string& text) {
  return fmt::format("case when {0} like '%.%' and length({0}) < 26 then rpad({0}, 26, '0') else {0} end", text);
}

/// ISO 8601 of a timestamp's text, whose zone DuckDB writes with the hours alone.
std::string IsoTimestamp(const std::string& text) {
  const std::string local = fmt::format("left({0}, length({0}) - 3)", text);
  return fmt::format(
      "case when regexp_matches({0}, '[+-][0-9][0-9]$') then ({1}) || right({0}, 3) || ':00' else {2} end", text,
      SixDigits(local), SixDigits(text));
}

Error NotComparable(const Json& value, const Column& column) {
  return Error(ErrorCode::kQualityNotApplicable,
               fmt::format("column \"{}\" is of type {} and cannot be compared with {}", column.name, column.type,
                           JsonText(value)));
}

}  // namespace

Result<std::string> BoundLiteral(const Json& value, const Column& column) {
  if (column.is_number() && value.is_number()) return NumberLiteral(value);
  if (!value.is_string()) return Fail(NotComparable(value, column));
  const std::string text = value.get<std::string>();
  if (column.kind == TypeKind::kText) return engine::QuoteLiteral(text);
  if (column.is_temporal()) {
    auto micros = ParseTimestampMicros(text);
    if (!micros) return Fail(NotComparable(value, column));
    return TimestampLiteral(*micros, HasZone(column));
  }
  if (column.kind == TypeKind::kTime) return "CAST(" + engine::QuoteLiteral(text) + " AS TIME)";
  return Fail(NotComparable(value, column));
}

std::string DoubleSql(double value) {
  if (std::isinf(value)) return value > 0 ? "'inf'::DOUBLE" : "'-inf'::DOUBLE";
  return fmt::format("{}::DOUBLE", value < 0 ? fmt::format("({})", value) : fmt::format("{}", value));
}

std::string TextSql(const Column& column) {
  if (column.kind == TypeKind::kText) return column.sql;
  if (column.kind == TypeKind::kBoolean) {
    return fmt::format("case when {0} then 'True' when not {0} then 'False' end", column.sql);
  }
  return "CAST(" + column.sql + " AS VARCHAR)";
}

Column BooleansAsNumbers(Column column) {
  if (column.kind != TypeKind::kBoolean) return column;
  column.sql = "CAST(" + column.sql + " AS INTEGER)";
  column.type = "INTEGER";
  column.kind = TypeKind::kInteger;
  return column;
}

bool CanBeEqual(const Column& a, const Column& b) {
  const auto family = [](const Column& column) {
    if (column.is_number() || column.kind == TypeKind::kBoolean) return TypeKind::kFloat;
    return column.is_temporal() ? TypeKind::kTimestamp : column.kind;
  };
  return family(a) == family(b);
}

std::string FiniteFigure(const Call& call, std::string_view aggregate, const Column& column) {
  if (column.kind != TypeKind::kFloat) return call.Over(fmt::format("{}(CAST({} AS DOUBLE))", aggregate, column.sql));
  if (aggregate == "avg") {
    // Infinities show in a mean; a deviation fails of them.
    return fmt::format("case when isfinite({0}) then {0} end", call.Over(fmt::format("avg({})", column.sql)));
  }
  const std::string finite =
      fmt::format("{0}(case when isinf({1}) then null else {1}::DOUBLE end)", aggregate, column.sql);
  return fmt::format("case when {} > 0 then null else {} end",
                     call.Over(fmt::format("count_if(isinf({}))", column.sql)), call.Over(finite));
}

std::optional<std::string> MemberLiteral(const Json& value, const Column& column) {
  // As in Python, true equals 1 and false equals 0.
  if (column.is_number() && value.is_boolean()) return value.get<bool>() ? "1" : "0";
  if (column.kind == TypeKind::kBoolean) {
    if (value.is_boolean()) return JsonText(value);
    if (value == 0) return "false";
    if (value == 1) return "true";
    return std::nullopt;
  }
  auto literal = BoundLiteral(value, column);
  if (!literal) return std::nullopt;
  return *std::move(literal);
}

std::string MemberLiterals(const Json& values, const Column& column) {
  std::string list;
  for (const Json& value : values) {
    auto literal = MemberLiteral(value, column);
    if (!literal) continue;
    if (!list.empty()) list += ", ";
    list += *literal;
  }
  return list;
}

std::string InList(const std::string& sql, const std::string& literals) {
  return literals.empty() ? "false" : fmt::format("list_contains([{}], {})", literals, sql);
}

Result<std::string> InRange(const std::string& sql, const Range& range, const Column& column) {
  std::string predicate;
  if (!range.low.is_null() && !range.high.is_null() && !range.strict_low && !range.strict_high) {
    SMELT_ASSIGN(const std::string low, BoundLiteral(range.low, column));
    SMELT_ASSIGN(const std::string high, BoundLiteral(range.high, column));
    return fmt::format("{} between {} and {}", sql, low, high);
  }
  if (!range.low.is_null()) {
    SMELT_ASSIGN(const std::string low, BoundLiteral(range.low, column));
    predicate = sql + (range.strict_low ? " > " : " >= ") + low;
  }
  if (!range.high.is_null()) {
    SMELT_ASSIGN(const std::string high, BoundLiteral(range.high, column));
    if (!predicate.empty()) predicate += " and ";
    predicate += sql + (range.strict_high ? " < " : " <= ") + high;
  }
  return predicate.empty() ? sql + " is not null" : predicate;
}

std::string CountedInRange(const std::string& sql, const Range& range, const Column& column) {
  if (column.type != "DOUBLE" || range.strict_low || range.strict_high) return {};
  const Result<std::string> low = range.low.is_null() ? "'-inf'::DOUBLE" : BoundLiteral(range.low, column);
  const Result<std::string> high = range.high.is_null() ? "'inf'::DOUBLE" : BoundLiteral(range.high, column);
  return low && high ? fmt::format("smelt_within({}, {}, {})", sql, *low, *high) : std::string();
}

std::string JsonSql(const std::string& sql, TypeKind kind) {
  switch (kind) {
    case TypeKind::kTimestamp:
      return "to_json(" + IsoTimestamp("replace(CAST(" + sql + " AS VARCHAR), ' ', 'T')") + ")";
    // JSON has no NaN and no infinity.
    case TypeKind::kFloat:
      return fmt::format("(case when isfinite({0}) then to_json({0}) else to_json(CAST({0} AS VARCHAR)) end)", sql);
    case TypeKind::kBinary:
    case TypeKind::kTime:
    case TypeKind::kInterval:
    case TypeKind::kOther: return "to_json(CAST(" + sql + " AS VARCHAR))";
    default: return "to_json(" + sql + ")";
  }
}

std::string JsonListSql(const std::string& sql, TypeKind kind) {
  return fmt::format("to_json(list_transform({}, smelt_value -> {}))", sql, JsonSql("smelt_value", kind));
}

Json FirstOf(const Json& list, std::size_t count) {
  if (list.size() <= count) return list;
  return Json(std::vector<Json>(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(count)));
}

Json ParseCell(const engine::Cell& cell) {
  if (!cell) return nullptr;
  Json value = JsonOrDiscarded(*cell);
  return value.is_discarded() ? Json(*cell) : value;
}

}  // namespace smelt::quality
