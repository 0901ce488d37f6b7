#include "transform/internal/project/query_result.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "transform/internal/jinja/decimal.h"
#include "transform/internal/jinja/filters.h"
#include "transform/internal/jinja/python_text.h"
#include "transform/internal/modules/calendar.h"
#include "transform/internal/modules/datetime_values.h"
#include "transform/internal/project/value_table.h"

namespace smelt::transform {
namespace {

using jinja::List;
using jinja::Value;

template <typename Number>
std::optional<Number> ParseNumber(const std::string& text) {
  Number number{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The decimal that a text is; the text itself when it is none.
Value DecimalValue(const std::string& text) {
  auto decimal = jinja::Decimal::Parse(text);
  return decimal == nullptr ? Value(text) : Value(std::move(decimal));
}

Value IntegerValue(const std::string& text) {
  auto number = ParseNumber<std::int64_t>(text);
  return number ? Value(*number) : DecimalValue(text);
}

Value FloatValue(const std::string& text, const std::string& type) {
  std::optional<double> number;
  if (type == "FLOAT") {
    if (auto single = ParseNumber<float>(text)) number = *single;
  } else {
    number = ParseNumber<double>(text);
  }
  if (!number) return Value(text);
  return std::isfinite(*number) ? DecimalValue(jinja::PythonReal(*number)) : Value(*number);
}

/// A date, or a time of a date. Those that Python's years cannot hold stay text.
Value MomentValue(std::string text, bool has_time) {
  // "+00" is short for "+00:00".
  const std::size_t sign = text.find_last_of("+-");
  if (has_time && sign != std::string::npos && sign > text.find(':') && sign + 3 == text.size()) text += ":00";
  auto parsed = jinja::ParseIsoDate(text, true, has_time);
  if (!parsed) return Value(std::move(text));
  if (!has_time) return Value(std::make_shared<jinja::Date>(parsed->parts.ToMicros() / jinja::kMicrosPerDay));
  std::shared_ptr<jinja::Zone> zone;
  if (parsed->offset_seconds) zone = jinja::Zone::Fixed(*parsed->offset_seconds);
  return Value(std::make_shared<jinja::DateTime>(parsed->parts.ToMicros(), std::move(zone)));
}

/// Lists and structs are texts of JSON, with blanks as Python puts them.
Value NestedValue(const std::string& text) {
  const Json json = JsonOrDiscarded(text);
  return Value(json.is_discarded() ? text : jinja::PythonJson(json, false));
}

Value CellValue(const engine::Cell& cell, const engine::ResultColumn& column) {
  if (!cell) return Value::None();
  switch (column.kind) {
    case engine::TypeKind::kBoolean: return Value(*cell == "true");
    case engine::TypeKind::kInteger: return IntegerValue(*cell);
    case engine::TypeKind::kDecimal: return DecimalValue(*cell);
    case engine::TypeKind::kFloat: return FloatValue(*cell, column.type);
    case engine::TypeKind::kDate: return MomentValue(*cell, false);
    case engine::TypeKind::kTimestamp: return MomentValue(*cell, true);
    case engine::TypeKind::kNested: return NestedValue(*cell);
    default: return Value(*cell);
  }
}

/// agate's type of a column; one without a value is of the first type that agate tries.
std::string TypeOf(const engine::ResultTable& table, std::size_t column) {
  const bool is_empty = std::ranges::none_of(table.rows, [column](const auto& row) { return row[column].has_value(); });
  if (is_empty) return "Integer";
  switch (table.columns[column].kind) {
    case engine::TypeKind::kBoolean: return "Boolean";
    case engine::TypeKind::kInteger: return "Integer";
    case engine::TypeKind::kDecimal:
    case engine::TypeKind::kFloat: return "Number";
    case engine::TypeKind::kDate: return "Date";
    case engine::TypeKind::kTimestamp: return "DateTime";
    default: return "Text";
  }
}

std::shared_ptr<ValueTable> ToTable(const engine::ResultTable& table) {
  std::vector<ValueTable::Column> columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    columns.push_back({table.columns[i].name, TypeOf(table, i)});
  }
  std::vector<List> rows;
  rows.reserve(table.rows.size());
  for (const auto& row : table.rows) {
    List values;
    for (std::size_t i = 0; i < table.columns.size(); ++i) values.push_back(CellValue(row[i], table.columns[i]));
    rows.push_back(std::move(values));
  }
  return std::make_shared<ValueTable>(std::move(columns), std::move(rows));
}

}  // namespace

Value MakeQueryResult(const engine::ResultTable& table) {
  return Value(ToTable(table));
}

}  // namespace smelt::transform
