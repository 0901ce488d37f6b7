#include "engine/internal/postgres_dialect/constants.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "engine/internal/error_bridge.h"
#include "engine/postgres_text.h"

namespace smelt::engine::postgres {
namespace {

using duckdb::LogicalTypeId;

/// The text of a constant; nullptr for other expressions.
duckdb::Value* ConstantText(duckdb::ParsedExpression& expression) {
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) return nullptr;
  duckdb::Value& value = expression.Cast<duckdb::ConstantExpression>().value;
  return value.IsNull() || value.type().id() != LogicalTypeId::VARCHAR ? nullptr : &value;
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

/// Whether a text begins as a pattern says, where 0 is a digit and ' ' may be T.
bool BeginsAs(std::string_view text, std::string_view pattern) {
  if (text.size() < pattern.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool fits = pattern[i] == '0'   ? IsDigit(text[i])
                      : pattern[i] == ' ' ? text[i] == ' ' || text[i] == 'T'
                                          : text[i] == pattern[i];
    if (!fits) return false;
  }
  return true;
}

/// "2024-02-29 10:00+00" with seconds.
std::string WithSeconds(std::string text) {
  constexpr std::string_view kMinutes = "0000-00-00 00:00";
  const bool lacks = BeginsAs(text, kMinutes) && (text.size() == kMinutes.size() || text[kMinutes.size()] != ':');
  return lacks ? text.insert(kMinutes.size(), ":00") : std::move(text);
}

/// {1,NULL,"a, b"} as ['1', NULL, 'a, b']; the engine's own form stays.
std::string AsList(std::string text) {
  if (!text.starts_with('{')) return text;
  const auto entries = ReadArray(text);
  if (!entries) Throw(entries.error());
  std::string list = "[";
  for (const auto& entry : *entries) {
    if (list.size() > 1) list += ", ";
    list += entry ? ListEntry(*entry) : "NULL";
  }
  return list + "]";
}

duckdb::unique_ptr<duckdb::ParsedExpression> CallOf(const char* name,
                                                    duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> of) {
  return duckdb::make_uniq<duckdb::FunctionExpression>(name, std::move(of));
}

/// What 'now', 'today', 'tomorrow' and 'yesterday' stand for; null for other texts.
duckdb::unique_ptr<duckdb::ParsedExpression> TimeNamed(const std::string& text) {
  std::string name = duckdb::StringUtil::Lower(text);
  duckdb::StringUtil::Trim(name);
  if (name == "now") return CallOf("now", {});
  if (name == "today") return CallOf("today", {});
  if (name != "tomorrow" && name != "yesterday") return nullptr;
  duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> sum;
  sum.push_back(CallOf("today", {}));
  sum.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::INTEGER(name == "tomorrow" ? 1 : -1)));
  return CallOf("+", std::move(sum));
}

void CastConstant(duckdb::unique_ptr<duckdb::ParsedExpression>& expression, const duckdb::LogicalType& type) {
  expression = duckdb::make_uniq<duckdb::CastExpression>(type, std::move(expression));
}

/// A pattern of SIMILAR TO as a regular expression.
std::string AsRegex(std::string_view pattern) {
  std::string regex;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      regex += '\\';
      regex += pattern[++i];
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    constexpr std::string_view kPlainThere = ".^$";
    if (in_class) {
      regex += c;
    } else if (c == '%') {
      regex += ".*";
    } else if (c == '_') {
      regex += '.';
    } else {
      if (kPlainThere.contains(c)) regex += '\\';
      regex += c;
    }
  }
  return regex;
}

}  // namespace

void RewriteConstant(duckdb::CastExpression& cast, LogicalTypeId type) {
  duckdb::Value* const text = ConstantText(*cast.child);
  if (text == nullptr) return;
  if (type == LogicalTypeId::BOOLEAN) {
    if (const auto truth = ReadBoolean(duckdb::StringValue::Get(*text)))
      *text = duckdb::Value(*truth ? "true" : "false");
  } else if (type == LogicalTypeId::TIMESTAMP || type == LogicalTypeId::TIMESTAMP_TZ || type == LogicalTypeId::DATE) {
    if (auto named = TimeNamed(duckdb::StringValue::Get(*text))) {
      cast.child = std::move(named);
      return;
    }
    *text = duckdb::Value(WithSeconds(duckdb::StringValue::Get(*text)));
  } else if (type == LogicalTypeId::LIST) {
    *text = duckdb::Value(AsList(duckdb::StringValue::Get(*text)));
  }
}

void RewriteSeries(duckdb::FunctionExpression& series) {
  auto& bounds = series.children;
  const bool has_step = bounds.size() == 3;
  const auto type_of = [](duckdb::ParsedExpression& bound) -> std::optional<duckdb::LogicalType> {
    if (bound.GetExpressionClass() != duckdb::ExpressionClass::CAST) return std::nullopt;
    return duckdb::UnboundType::TryDefaultBind(bound.Cast<duckdb::CastExpression>().cast_type);
  };
  std::optional<duckdb::LogicalType> type = type_of(*bounds[0]);
  if (!type) type = type_of(*bounds[1]);
  const bool are_texts = ConstantText(*bounds[0]) != nullptr && ConstantText(*bounds[1]) != nullptr;
  // Of dates, and of texts that nothing gives a type, it is a series of times there.
  if (has_step && (are_texts || (type && type->id() == LogicalTypeId::DATE))) {
    type = duckdb::LogicalType::TIMESTAMP_TZ;
  }
  for (std::size_t i = 0; type && i < 2; ++i) {
    const bool is_date = type_of(*bounds[i]) == duckdb::LogicalType::DATE;
    if (ConstantText(*bounds[i]) != nullptr || (has_step && is_date)) CastConstant(bounds[i], *type);
  }
  const duckdb::Value* const step = has_step ? ConstantText(*bounds[2]) : nullptr;
  if (step == nullptr) return;
  const bool has_unit = duckdb::StringValue::Get(*step).find_first_not_of(" +-.0123456789") != std::string::npos;
  if (has_unit) CastConstant(bounds[2], duckdb::LogicalType::INTERVAL);
}

void RewriteNumber(duckdb::ConstantExpression& constant) {
  constexpr std::size_t kDigitsMax = 38;
  std::array<char, 512> room{};
  if (constant.value.type().id() != LogicalTypeId::DOUBLE || constant.value.IsNull()) return;
  const double number = duckdb::DoubleValue::Get(constant.value);
  if (!std::isfinite(number)) return;
  const auto end = std::to_chars(room.data(), room.data() + room.size(), number, std::chars_format::fixed).ptr;
  const std::string text(room.data(), end);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::size_t scale = text.size() - std::min(point + 1, text.size());
  const auto digits = static_cast<std::size_t>(std::ranges::count_if(text, IsDigit));
  if (digits > kDigitsMax) return;
  const auto type = duckdb::LogicalType::DECIMAL(static_cast<std::uint8_t>(digits), static_cast<std::uint8_t>(scale));
  constant.value = duckdb::Value(text).DefaultCastAs(type);
}

void RewriteSimilarPattern(duckdb::FunctionExpression& match) {
  duckdb::Value* const pattern = ConstantText(*match.children[1]);
  if (pattern == nullptr) return;
  *pattern = duckdb::Value(AsRegex(duckdb::StringValue::Get(*pattern)));
  match.children.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value("s")));
}

}  // namespace smelt::engine::postgres
