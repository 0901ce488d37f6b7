#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "base/internal/config_builder.h"
#include "base/internal/one_of.h"

namespace smelt::internal {
namespace {

constexpr std::string_view kDigits = "0123456789";

bool Consists(std::string_view text, std::string_view of) {
  return !text.empty() && text.find_first_not_of(of) == std::string_view::npos;
}

std::string WithoutUnderscores(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '_') digits += c;
  }
  return digits;
}

/// An integer that fits 64 bits; else nothing.
std::optional<Json> Digits(std::string_view text, int base, bool is_negative) {
  const std::string digits = (is_negative ? "-" : "") + WithoutUnderscores(text);
  const char* end = digits.data() + digits.size();
  std::int64_t value = 0;
  if (const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
      error == std::errc() && stop == end) {
    return Json(value);
  }
  std::uint64_t large = 0;
  if (const auto [stop, error] = std::from_chars(digits.data(), end, large, base);
      error == std::errc() && stop == end) {
    return Json(large);
  }
  return std::nullopt;
}

/// "1:30:05" → its parts, the first without a leading 0 where `is_integer`; nothing when it is none.
std::optional<std::vector<std::string_view>> Sexagesimal(std::string_view text, bool is_integer) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':', begin)) {
    parts.push_back(text.substr(begin, colon - begin));
    begin = colon + 1;
  }
  parts.push_back(text.substr(begin));
  if (parts.size() < 2 || !Consists(parts[0], "0123456789_") || parts[0][0] == '_') return std::nullopt;
  if (is_integer && parts[0][0] == '0') return std::nullopt;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string_view part = parts[i];
    if (!Consists(part, kDigits) || part.size() > 2 || (part.size() == 2 && part[0] > '5')) return std::nullopt;
  }
  return parts;
}

double SexagesimalValue(const std::vector<std::string_view>& parts) {
  double value = 0;
  for (const std::string_view part : parts) {
    double digits = 0;
    const std::string text = WithoutUnderscores(part);
    (void)std::from_chars(text.data(), text.data() + text.size(), digits);
    value = value * 60 + digits;
  }
  return value;
}

std::optional<Json> Integer(std::string_view text, bool is_negative) {
  if (text.starts_with("0b") && Consists(text.substr(2), "01_")) return Digits(text.substr(2), 2, is_negative);
  if (text.starts_with("0x") && Consists(text.substr(2), "0123456789abcdefABCDEF_")) {
    return Digits(text.substr(2), 16, is_negative);
  }
  if (text == "0") return Json(0);
  if (text.starts_with('0') && Consists(text, "01234567_")) return Digits(text, 8, is_negative);
  if (!text.starts_with('0') && !text.starts_with('_') && Consists(text, "0123456789_")) {
    return Digits(text, 10, is_negative);
  }
  if (const auto parts = Sexagesimal(text, true)) {
    const double value = SexagesimalValue(*parts);
    if (std::abs(value) < 9e15) return Json(static_cast<std::int64_t>(is_negative ? -value : value));
  }
  return std::nullopt;
}

/// Digits with a dot, and an exponent only with a sign of its own.
std::optional<Json> Decimal(std::string_view text, bool is_negative) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || text.starts_with('_')) return std::nullopt;
  const std::string_view whole = text.substr(0, dot);
  if (const auto parts = Sexagesimal(whole, false)) {
    const std::string fraction = "0." + WithoutUnderscores(text.substr(dot + 1));
    double rest = 0;
    if (!Consists(fraction.substr(1), ".0123456789")) return std::nullopt;
    (void)std::from_chars(fraction.data(), fraction.data() + fraction.size(), rest);
    const double value = SexagesimalValue(*parts) + rest;
    return Json(is_negative ? -value : value);
  }
  if (!whole.empty() && !Consists(whole, "0123456789_")) return std::nullopt;
  std::string_view fraction = text.substr(dot + 1);
  if (const std::size_t exponent = fraction.find_first_of("eE"); exponent != std::string_view::npos) {
    const std::string_view power = fraction.substr(exponent + 1);
    if (power.size() < 2 || !IsOneOf(power.substr(0, 1), {"+", "-"}) || !Consists(power.substr(1), kDigits)) {
      return std::nullopt;
    }
    fraction = fraction.substr(0, exponent);
  }
  if (!fraction.empty() && !Consists(fraction, "0123456789_")) return std::nullopt;
  if (whole.empty() && (fraction.empty() || fraction[0] == '_')) return std::nullopt;
  const std::string digits = (is_negative ? "-" : "") + WithoutUnderscores(text);
  double value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  return Json(value);
}

}  // namespace

Json PlainScalarToJson11(const std::string& text) {
  if (IsOneOf(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (IsOneOf(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) return true;
  if (IsOneOf(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})) return false;
  std::string_view number = text;
  const bool is_negative = number.starts_with('-');
  if (is_negative || number.starts_with('+')) number.remove_prefix(1);
  if (auto value = Integer(number, is_negative)) return *std::move(value);
  if (auto value = Decimal(number, is_negative)) return *std::move(value);
  return text;
}

}  // namespace smelt::internal
