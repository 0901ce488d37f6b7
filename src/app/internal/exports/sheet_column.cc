#include "app/internal/exports/sheet_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "base/clock.h"
#include "chart/number_format.h"

namespace smelt::app {
namespace {

using engine::TypeKind;

constexpr const char* kDayFormat = "yyyy-mm-dd";
constexpr const char* kTimestampFormat = "yyyy-mm-dd hh:mm:ss";
constexpr int kScaleUnknown = -1;

CellForm FormOf(const engine::ResultColumn& column) {
  switch (column.kind) {
    case TypeKind::kBoolean: return CellForm::kBoolean;
    case TypeKind::kInteger:
    case TypeKind::kDecimal: return CellForm::kExact;
    case TypeKind::kFloat: return CellForm::kNearest;
    case TypeKind::kDate:
    case TypeKind::kTimestamp: return CellForm::kInstant;
    case TypeKind::kTime: return column.type == "TIME" ? CellForm::kTime : CellForm::kText;
    default: return CellForm::kText;
  }
}

/// The digits behind the point that a type says: 2 of DECIMAL(10,2).
int ScaleOf(const engine::ResultColumn& column) {
  if (column.kind == TypeKind::kInteger) return 0;
  const std::size_t comma = column.type.find(',');
  if (column.kind != TypeKind::kDecimal || comma == std::string::npos) return kScaleUnknown;
  int scale = 0;
  std::from_chars(column.type.data() + comma + 1, column.type.data() + column.type.size(), scale);
  return scale;
}

bool IsNumberFormat(std::string_view format) {
  constexpr std::array<std::string_view, 6> kNumberFormats = {"number",   "integer",       "percent",
                                                              "currency", "duration_days", "bytes"};
  return std::ranges::find(kNumberFormats, format) != kNumberFormats.end();
}

/// "0.00", "#,##0.00".
std::string Digits(std::string_view whole, int decimals) {
  return std::string(whole) + (decimals > 0 ? "." + std::string(static_cast<std::size_t>(decimals), '0') : "");
}

/// Words within a format, as Excel quotes them; a quotation mark has no place in them.
std::string Quoted(std::string words) {
  std::erase(words, '"');
  return words.empty() ? words : "\"" + words + "\"";
}

std::string DefaultFormat(const engine::ResultColumn& column) {
  switch (column.kind) {
    case TypeKind::kInteger:
    case TypeKind::kDecimal: return Digits("0", ScaleOf(column));
    case TypeKind::kDate: return kDayFormat;
    case TypeKind::kTimestamp: return kTimestampFormat;
    case TypeKind::kTime: return "hh:mm:ss";
    default: return "";
  }
}

std::string NumberFormat(const engine::ResultColumn& column, const std::string& format, const Json& shown) {
  constexpr std::string_view kThousands = "#,##0";
  constexpr int kDecimalsOfFractions = 2;
  const int scale = ScaleOf(column) == kScaleUnknown ? kDecimalsOfFractions : ScaleOf(column);
  const auto decimals = [&](int fallback) { return shown.value("decimals", fallback); };
  std::string unit = shown.value("unit", "");
  std::string digits;
  if (format == "percent") {
    digits = Digits("0", decimals(1)) + "%";
  } else if (format == "currency") {
    std::string sign = chart::CurrencySign(shown.value("currency", ""));
    // A sign with letters, like R$ or CHF, stands apart from the figure.
    if (!sign.empty() && std::isalpha(static_cast<unsigned char>(sign.front())) != 0) sign += ' ';
    digits = Quoted(sign) + Digits(kThousands, decimals(2));
  } else if (format == "duration_days") {
    if (unit.empty()) unit = "days";
    digits = Digits(kThousands, decimals(1));
  } else {
    if (format == "bytes" && unit.empty()) unit = "B";
    digits = Digits(kThousands, decimals(format == "integer" || format == "bytes" ? 0 : scale));
  }
  return digits + (unit.empty() ? "" : Quoted(" " + unit));
}

std::string TimeFormat(const std::string& format, const std::string& otherwise) {
  if (format == "date" || format == "week") return kDayFormat;
  if (format == "month") return "mmm yyyy";
  if (format == "datetime") return "yyyy-mm-dd hh:mm";
  return otherwise;
}

std::optional<workbook::Serial> ReadInstant(std::string_view text) {
  // Sessions are in UTC.
  constexpr std::string_view kUtc = "+00";
  if (text.ends_with(kUtc)) text.remove_suffix(kUtc.size());
  const auto micros = ParseTimestampMicros(text);
  return micros ? workbook::SerialOf(*micros) : std::nullopt;
}

std::optional<workbook::Serial> ReadTime(const std::string& text) {
  const auto micros = ParseTimestampMicros("1970-01-01 " + text);
  return micros ? std::optional(workbook::SerialOfTime(*micros)) : std::nullopt;
}

}  // namespace

SheetColumnPlan PlanColumn(const engine::ResultColumn& column, const Json& shown) {
  SheetColumnPlan plan{
      .form = FormOf(column), .title = shown.value("label", column.name), .format = DefaultFormat(column)};
  plan.hidden = shown.value("hidden", false);
  const bool is_number = plan.form == CellForm::kExact || plan.form == CellForm::kNearest;
  const std::string format = shown.value("format", "");
  if (format == "text") {
    plan.form = CellForm::kText;
  } else if (plan.form == CellForm::kInstant) {
    plan.format = TimeFormat(format, plan.format);
  } else if (is_number && (IsNumberFormat(format) || shown.contains("decimals") || shown.contains("unit"))) {
    plan.format = NumberFormat(column, format, shown);
  }
  return plan;
}

workbook::CellValue CellOf(const SheetColumnPlan& column, const engine::Cell& value, std::int64_t& kept_as_text) {
  if (!value) return std::monostate();
  switch (column.form) {
    case CellForm::kText: return std::string_view(*value);
    case CellForm::kBoolean: return *value == "true";
    case CellForm::kExact:
      if (const auto number = workbook::ExactNumber(*value)) return *number;
      break;
    case CellForm::kNearest:
      // Without the sign of zero, which sheets do not have.
      if (const auto number = workbook::NearestNumber(*value)) return *number + 0.0;
      break;
    case CellForm::kInstant:
      if (const auto serial = ReadInstant(*value)) return *serial;
      break;
    case CellForm::kTime:
      if (const auto serial = ReadTime(*value)) return *serial;
      break;
  }
  ++kept_as_text;
  return std::string_view(*value);
}

}  // namespace smelt::app
