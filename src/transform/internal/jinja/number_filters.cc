#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "transform/internal/jinja/decimal.h"
#include "transform/internal/jinja/filters.h"
#include "transform/internal/jinja/number_text.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

std::optional<std::int64_t> Truncated(double value) {
  if (!(std::fabs(value) < 9.2e18)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

Result<Value> ToInteger(BuiltinCall& call) {
  if (call.input.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, call.input.undefined_hint());
  SMELT_ASSIGN(std::int64_t base, call.Integer(1, 10));
  if (base < 2 || base > 36) return Fail(ErrorCode::kJinjaType, "int() needs a base from 2 to 36");
  std::optional<std::int64_t> value;
  if (call.input.is_integral()) {
    value = call.input.integer();
  } else if (call.input.is_real()) {
    value = Truncated(call.input.number());
  } else if (auto decimal = call.input.As<Decimal>()) {
    value = decimal->Truncated();
  } else if (call.input.is_text()) {
    value = ReadInteger(call.input.text(), static_cast<int>(base));
    if (!value) {
      if (auto real = ReadReal(call.input.text())) value = Truncated(*real);
    }
  }
  if (value) return *value;
  return call.arguments[0].is_undefined() ? Value(0) : call.arguments[0];
}

Result<Value> ToReal(BuiltinCall& call) {
  if (call.input.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, call.input.undefined_hint());
  if (call.input.is_number()) return call.input.number();
  if (auto decimal = call.input.As<Decimal>()) return decimal->Real();
  if (call.input.is_text()) {
    if (auto value = ReadReal(call.input.text())) return *value;
  }
  return call.arguments[0].is_undefined() ? Value(0.0) : call.arguments[0];
}

Result<Value> Absolute(BuiltinCall& call) {
  if (auto decimal = call.input.As<Decimal>()) return decimal->parts().negative ? Negate(call.input) : call.input;
  if (!call.input.is_number()) {
    return Fail(ErrorCode::kJinjaType, fmt::format("abs needs a number, not '{}'", call.input.type_name()));
  }
  if (call.input.is_real()) return std::fabs(call.input.number());
  return call.input.integer() < 0 ? Negate(call.input) : Result<Value>(call.input.integer());
}

/// Rounds half to even on the exact decimal value, as Python does.
double RoundHalfEven(double value, int precision) {
  if (!std::isfinite(value)) return value;
  if (precision >= 0) {
    std::string text = fmt::format("{:.{}f}", value, std::min(precision, 300));
    return ReadReal(text).value_or(value);
  }
  double unit = std::pow(10.0, -precision);
  return std::nearbyint(value / unit) * unit;
}

Result<Value> Round(BuiltinCall& call) {
  auto decimal = call.input.As<Decimal>();
  if (!call.input.is_number() && decimal == nullptr) {
    return Fail(ErrorCode::kJinjaType, fmt::format("round needs a number, not '{}'", call.input.type_name()));
  }
  SMELT_ASSIGN(std::int64_t digits, call.Integer(0, 0));
  auto precision = static_cast<int>(std::clamp<std::int64_t>(digits, -300, 300));
  std::string method = call.Given(1) == nullptr ? "common" : call.arguments[1].ToText();
  const double input = decimal == nullptr ? call.input.number() : decimal->Real();
  if (method == "common") {
    if (decimal != nullptr) return Value(decimal->Rounded(precision));
    double rounded = RoundHalfEven(input, precision);
    if (!call.input.is_integral()) return rounded;
    return precision >= 0 ? call.input.integer() : Truncated(rounded).value_or(call.input.integer());
  }
  double unit = std::pow(10.0, precision);
  if (method == "ceil") return std::ceil(input * unit) / unit;
  if (method == "floor") return std::floor(input * unit) / unit;
  return Fail(ErrorCode::kJinjaType, "round() knows the methods common, ceil and floor");
}

/// A size in bytes for people: "13.0 kB".
Result<Value> FileSize(BuiltinCall& call) {
  bool binary = call.arguments[0].Truthy();
  call.arguments[0] = Value::None();
  SMELT_ASSIGN(Value size, ToReal(call));
  if (!size.is_number()) return Fail(ErrorCode::kJinjaType, "filesizeformat needs a number");
  double base = binary ? 1024 : 1000, bytes = size.number(), unit = base;
  if (bytes == 1) return Value("1 Byte");
  if (bytes < base) return Value(fmt::format("{} Bytes", static_cast<std::int64_t>(bytes)));
  constexpr std::string_view kPrefixes = "kMGTPEZY";
  std::size_t i = 0;
  for (; i + 1 < kPrefixes.size() && bytes >= unit * base; ++i) unit *= base;
  std::string prefix(1, kPrefixes[i]);
  return Value(fmt::format("{:.1f} {}B", bytes / unit, binary ? ToUpper(prefix) + "i" : prefix));
}

constexpr Builtin kFilters[] = {
    {"abs", Absolute},
    {"filesizeformat", FileSize, {"binary"}},
    {"float", ToReal, {"default"}},
    {"int", ToInteger, {"default", "base"}},
    {"round", Round, {"precision", "method"}},
};
static_assert(SortedByName(kFilters));

}  // namespace

std::span<const Builtin> NumberFilters() {
  return kFilters;
}

const Builtin* FindFilter(std::string_view name) {
  for (auto table : {TextFilters(), SequenceFilters(), NumberFilters(), HtmlFilters()}) {
    if (const Builtin* found = FindBuiltin(table, name)) return found;
  }
  return nullptr;
}

std::vector<std::string_view> FilterNames() {
  std::vector<std::string_view> names;
  for (auto table : {TextFilters(), SequenceFilters(), NumberFilters(), HtmlFilters()}) {
    for (const Builtin& filter : table) names.push_back(filter.name);
  }
  return names;
}

}  // namespace smelt::transform::jinja
