#include "transform/internal/jinja/yaml_values.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "base/yaml_1_1.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/modules/datetime_values.h"

namespace smelt::transform::jinja {
namespace {

Result<DateParts> Checked(const DateParts& parts, const std::string& text) {
  if (parts.Problem().empty()) return parts;
  return Fail(ErrorCode::kJinjaLimit, fmt::format("'{}' is no date: {}", text, parts.Problem()));
}

/// "2024-01-31".
Result<std::optional<Value>> DayOf(const std::string& text) {
  static const RE2 kDay("([0-9]{4})-([0-9]{2})-([0-9]{2})");
  DateParts parts;
  if (!RE2::FullMatch(text, kDay, &parts.year, &parts.month, &parts.day)) return std::optional<Value>();
  SMELT_TRY(Checked(parts, text));
  SMELT_ASSIGN(Value date, Date::Make(DaysFromCivil(parts.year, parts.month, parts.day)));
  return std::optional(std::move(date));
}

/// "2024-01-31 12:00:00.5 +02:00", with a T or blanks after the day; the fraction and the zone may be missing.
Result<std::optional<Value>> MomentOf(const std::string& text) {
  static const RE2 kMoment(
      "([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]|[ \\t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\\.([0-9]*))?"
      "(?:[ \\t]*(?:(Z)|([-+])([0-9]{1,2})(?::([0-9]{2}))?))?");
  DateParts parts;
  std::string fraction, utc, sign, hours, minutes;
  if (!RE2::FullMatch(text, kMoment, &parts.year, &parts.month, &parts.day, &parts.hour, &parts.minute, &parts.second,
                      &fraction, &utc, &sign, &hours, &minutes)) {
    return std::optional<Value>();
  }
  constexpr std::size_t kDigits = 6;
  fraction = fraction.substr(0, kDigits);
  fraction.append(kDigits - fraction.size(), '0');
  for (const char digit : fraction) parts.micro = parts.micro * 10 + (digit - '0');
  SMELT_TRY(Checked(parts, text));
  std::shared_ptr<Zone> zone = utc.empty() ? nullptr : Zone::Utc();
  if (!sign.empty()) {
    const auto number = [](const std::string& digits) {
      std::int64_t value = 0;
      for (const char digit : digits) value = value * 10 + (digit - '0');
      return value;
    };
    const std::int64_t offset = number(hours) * 3600 + number(minutes) * 60;
    zone = Zone::Fixed(sign == "-" ? -offset : offset);
  }
  SMELT_ASSIGN(Value moment, DateTime::Make(parts.ToMicros(), std::move(zone)));
  return std::optional(std::move(moment));
}

std::optional<double> NoNumber(const std::string& text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  static const RE2 kInfinite("([-+]?)\\.(?:inf|Inf|INF)");
  std::string sign;
  if (RE2::FullMatch(text, kInfinite, &sign)) return sign == "-" ? -kInfinity : kInfinity;
  static const RE2 kNan("\\.(?:nan|NaN|NAN)");
  if (RE2::FullMatch(text, kNan)) return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

Result<Value> ScalarValue(const ConfigNode& node) {
  const Json json = node.ToJson();
  if (!json.is_string() || !IsPlainScalar(node)) return Value::FromJson(json);
  const auto text = json.get<std::string>();
  SMELT_ASSIGN(std::optional<Value> value, DayOf(text));
  if (!value) {
    SMELT_ASSIGN(value, MomentOf(text));
  }
  if (value) return *std::move(value);
  if (const auto number = NoNumber(text)) return Value(*number);
  return Value(text);
}

}  // namespace

Result<Value> YamlValue(const ConfigNode& node) {
  switch (node.kind()) {
    case ConfigNode::Kind::kNull: return Value::None();
    case ConfigNode::Kind::kScalar: return ScalarValue(node);
    case ConfigNode::Kind::kList: break;
    case ConfigNode::Kind::kMap: {
      Dict dict;
      for (const std::string& key : node.keys()) {
        SMELT_ASSIGN(Value value, YamlValue(*node.Find(key)));
        dict.Set(key, std::move(value));
      }
      return Value::MakeDict(std::move(dict));
    }
  }
  List list;
  for (const ConfigNode& item : node.items()) {
    SMELT_ASSIGN(Value value, YamlValue(item));
    list.push_back(std::move(value));
  }
  return Value::MakeList(std::move(list));
}

}  // namespace smelt::transform::jinja
