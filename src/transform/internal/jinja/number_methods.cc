#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "transform/internal/jinja/methods.h"

namespace smelt::transform::jinja {
namespace {

Status RequireWhole(const BuiltinCall& call) {
  if (call.input.is_integral()) return {};
  return Fail(ErrorCode::kJinjaUndefined, fmt::format("'float object' has no attribute '{}'", call.name));
}

std::uint64_t Magnitude(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

Result<Value> BitLength(BuiltinCall& call) {
  SMELT_TRY(RequireWhole(call));
  return std::bit_width(Magnitude(call.input.integer()));
}
Result<Value> BitCount(BuiltinCall& call) {
  SMELT_TRY(RequireWhole(call));
  return std::popcount(Magnitude(call.input.integer()));
}

Result<Value> Conjugate(BuiltinCall& call) {
  return call.input;
}

Result<Value> IsInteger(BuiltinCall& call) {
  if (call.input.is_integral()) {
    return Fail(ErrorCode::kJinjaUndefined, fmt::format("'int object' has no attribute '{}'", call.name));
  }
  return std::isfinite(call.input.number()) && call.input.number() == std::floor(call.input.number());
}

/// The fraction that a number is, in lowest terms.
Result<Value> IntegerRatio(BuiltinCall& call) {
  if (call.input.is_integral()) return Value::MakeTuple({call.input.integer(), 1});
  int exponent = 0;
  double fraction = std::frexp(call.input.number(), &exponent);
  if (!std::isfinite(fraction)) return Fail(ErrorCode::kJinjaType, "as_integer_ratio() needs a finite number");
  std::int64_t numerator = 0, denominator = 1;
  for (; fraction != std::floor(fraction); --exponent) fraction *= 2;
  if (exponent < -62 || exponent > 9) return Fail(ErrorCode::kJinjaLimit, "the ratio does not fit 64-bit integers");
  numerator = static_cast<std::int64_t>(fraction);
  if (exponent < 0) denominator <<= -exponent;
  if (exponent > 0 && __builtin_mul_overflow(numerator, std::int64_t{1} << exponent, &numerator)) {
    return Fail(ErrorCode::kJinjaLimit, "the ratio does not fit 64-bit integers");
  }
  return Value::MakeTuple({numerator, denominator});
}

constexpr Builtin kNumberMethods[] = {
    {"as_integer_ratio", IntegerRatio}, {"bit_count", BitCount},   {"bit_length", BitLength},
    {"conjugate", Conjugate},           {"is_integer", IsInteger},
};
static_assert(SortedByName(kNumberMethods));

}  // namespace

std::span<const Builtin> NumberMethods() {
  return kNumberMethods;
}

}  // namespace smelt::transform::jinja
