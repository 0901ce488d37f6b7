#include <charconv>
#include <cmath>
#include <optional>

#include "base/internal/config_builder.h"
#include "base/internal/one_of.h"

namespace smelt::internal {
namespace {

/// Reads all of `digits` as an integer of the base, or nothing when it is none or does not fit.
template <typename Integer>
std::optional<Integer> WholeInteger(std::string_view digits, int base) {
  Integer value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<Json> Integer(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0o")) {
    if (const auto value = WholeInteger<std::uint64_t>(text.substr(2), text[1] == 'x' ? 16 : 8)) return Json(*value);
    return std::nullopt;
  }
  if (const auto value = WholeInteger<std::int64_t>(text, 10)) return Json(*value);
  if (const auto value = WholeInteger<std::uint64_t>(text, 10)) return Json(*value);
  return std::nullopt;
}

/// [0-9]* with a dot or an exponent, as from_chars reads it, but not its "inf" and "nan".
std::optional<Json> Decimal(std::string_view text) {
  if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return Json(value);
}

}  // namespace

Json PlainScalarToJson(const std::string& text) {
  if (IsOneOf(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (IsOneOf(text, {"true", "True", "TRUE"})) return true;
  if (IsOneOf(text, {"false", "False", "FALSE"})) return false;
  std::string_view number = text;
  if (number.starts_with('+') && number.size() > 1 && number[1] != '-') number.remove_prefix(1);
  if (auto value = Integer(number)) return *value;
  if (auto value = Decimal(number)) return *value;
  return text;
}

}  // namespace smelt::internal
