#include "engine/internal/postgres_dialect/variance.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/internal/postgres_dialect/calls.h"
#include "engine/open_numeric.h"

namespace smelt::engine::postgres {
namespace {

using duckdb::AggregateFinalizeData;
using duckdb::AggregateFunction;
using duckdb::AggregateInputData;
using duckdb::AggregateUnaryInput;
using duckdb::hugeint_t;
using duckdb::idx_t;
using duckdb::LogicalType;

/// Of values in units of their last digit. Memory of DuckDB's: eight bytes' alignment.
struct Spread {
  hugeint_t sum, squares;
  double mean, deviations;  ///< by Welford's method, for numbers that are too large for the others
  std::int64_t count;
  bool is_large;
};

void AddExactly(hugeint_t& sum, Wide value, bool& is_large) {
  Wide total = 0;
  if (__builtin_add_overflow(WideOf(sum), value, &total)) {
    is_large = true;
  } else {
    sum = HugeOf(total);
  }
}

void AddValue(Spread& spread, Wide value) {
  Wide square = 0;
  if (__builtin_mul_overflow(value, value, &square)) spread.is_large = true;
  if (!spread.is_large) {
    AddExactly(spread.sum, value, spread.is_large);
    AddExactly(spread.squares, square, spread.is_large);
  }
  ++spread.count;
  const auto real = static_cast<double>(value);
  const double change = real - spread.mean;
  spread.mean += change / static_cast<double>(spread.count);
  spread.deviations += change * (real - spread.mean);
}

Wide AsWide(std::int64_t value) {
  return value;
}
Wide AsWide(hugeint_t value) {
  return WideOf(value);
}

/// What is wanted of the spread.
struct Wanted {
  int scale = 0;         ///< of the values
  bool is_open = false;  ///< whether they show as many digits as they need
  bool of_sample = false;
  bool is_root = false;
  bool operator==(const Wanted&) const = default;
};

/// As a decimal of `scale`; nothing where a number on the way has too many digits.
std::optional<Wide> Exactly(const Spread& spread, const Wanted& wanted, int scale) {
  if (spread.is_large || 2 * wanted.scale > kDigitsMax) return std::nullopt;
  const Wide sum = WideOf(spread.sum);
  const auto all_squares = Multiply(WideOf(spread.squares), spread.count, 0);
  const auto square_of_all = Multiply(sum, sum, 0);
  const auto divisor = Multiply(spread.count, wanted.of_sample ? spread.count - 1 : spread.count, 0);
  if (!all_squares || !square_of_all || !divisor) return std::nullopt;
  const int shown = wanted.is_open ? WithoutZeros(sum, wanted.scale) : wanted.scale;
  const Decimal numerator{*all_squares - *square_of_all, 2 * wanted.scale, 2 * shown};
  if (numerator.value <= 0) return Wide{0};
  const Decimal denominator{*divisor, 0, 0};
  const auto variance = Divide(numerator, denominator, scale);
  if (!variance || !wanted.is_root) return variance;
  const int digits = DivisionScale(numerator, denominator, scale);
  Wide short_variance = *variance;
  for (int i = digits; i < scale; ++i) short_variance /= 10;
  return SquareRoot(short_variance, digits, scale);
}

/// The same with the digits that double precision is sure of.
std::optional<Wide> Nearly(const Spread& spread, const Wanted& wanted, int scale) {
  const auto count = static_cast<double>(wanted.of_sample ? spread.count - 1 : spread.count);
  double value = spread.deviations / count / std::pow(10.0, 2 * wanted.scale);
  if (wanted.is_root) value = std::sqrt(value);
  if (!(value < std::pow(10.0, kDigitsMax - scale))) return std::nullopt;
  constexpr int kDigits = 15;
  const int digits =
      value > 0 ? std::clamp(kDigits - static_cast<int>(std::ceil(std::log10(value))), 0, std::min(kDigits, scale)) : 0;
  auto wide = static_cast<Wide>(std::round(value * std::pow(10.0, digits)));
  for (int i = digits; i < scale; ++i) wide *= 10;
  return wide;
}

struct SpreadOf {
  template <class State>
  static void Initialize(State& state) {
    state = {};
  }
  template <class Input, class State, class Function>
  static void Operation(State& state, const Input& input, AggregateUnaryInput& /*unary*/) {
    AddValue(state, AsWide(input));
  }
  template <class Input, class State, class Function>
  static void ConstantOperation(State& state, const Input& input, AggregateUnaryInput& /*unary*/, idx_t count) {
    for (idx_t i = 0; i < count; ++i) AddValue(state, AsWide(input));
  }
  template <class State, class Function>
  static void Combine(const State& source, State& target, AggregateInputData& /*data*/) {
    if (source.count == 0) return;
    target.is_large |= source.is_large;
    AddExactly(target.sum, WideOf(source.sum), target.is_large);
    AddExactly(target.squares, WideOf(source.squares), target.is_large);
    const auto mine = static_cast<double>(target.count);
    const auto theirs = static_cast<double>(source.count);
    const double change = source.mean - target.mean;
    target.count += source.count;
    target.mean += change * theirs / (mine + theirs);
    target.deviations += source.deviations + change * change * mine * theirs / (mine + theirs);
  }
  template <class Result, class State>
  static void Finalize(State& state, Result& target, AggregateFinalizeData& data) {
    const auto& wanted = data.input.bind_data->Cast<Known<Wanted>>().value;
    const int scale = duckdb::DecimalType::GetScale(data.result.GetType());
    if (state.count < (wanted.of_sample ? 2 : 1)) return data.ReturnNull();
    auto value = Exactly(state, wanted, scale);
    if (!value) value = Nearly(state, wanted, scale);
    if (!value) throw duckdb::OutOfRangeException("numeric out of range");
    target = HugeOf(*value);
  }
  static bool IgnoreNull() { return true; }
};

/// How many digits behind the point are left beside those that the result may have before it: those of a variance are
/// twice as many as the values'.
int ResultScale(int before_point, bool is_root) {
  constexpr int kFewest = 12;
  return std::clamp(kDigitsMax - (is_root ? before_point : 2 * before_point), kFewest, kOpenScale);
}

/// One of the functions, and the engine's own that it stands for.
template <const char* kOwn, bool kOfSample, bool kIsRoot>
duckdb::unique_ptr<duckdb::FunctionData> BindSpread(duckdb::ClientContext& context, AggregateFunction& function,
                                                    Expressions& arguments) {
  const LogicalType type = TypeOf(*arguments[0]);
  if (!IsWholeNumber(type) && !IsNumeric(type)) return BecomeOwn(context, kOwn, function, arguments);
  const LogicalType decimal = DecimalOf(type);
  const int width = duckdb::DecimalType::GetWidth(decimal);
  const int scale = duckdb::DecimalType::GetScale(decimal);
  const auto result = static_cast<std::uint8_t>(ResultScale(width - scale, kIsRoot));
  function = OverDecimals<Spread, SpreadOf>(function.name, decimal, LogicalType::DECIMAL(kDigitsMax, result));
  return duckdb::make_uniq<Known<Wanted>>(
      Wanted{.scale = scale, .is_open = IsOpenNumeric(width, scale), .of_sample = kOfSample, .is_root = kIsRoot});
}

constexpr char kStddevSamp[] = "stddev_samp";
constexpr char kStddevPop[] = "stddev_pop";
constexpr char kVarSamp[] = "var_samp";
constexpr char kVarPop[] = "var_pop";

}  // namespace

void RegisterVariance(duckdb::ExtensionLoader& loader) {
  loader.RegisterFunction(Unbound("stddev@", BindSpread<kStddevSamp, true, true>));
  loader.RegisterFunction(Unbound("stddev_samp@", BindSpread<kStddevSamp, true, true>));
  loader.RegisterFunction(Unbound("stddev_pop@", BindSpread<kStddevPop, false, true>));
  loader.RegisterFunction(Unbound("variance@", BindSpread<kVarSamp, true, false>));
  loader.RegisterFunction(Unbound("var_samp@", BindSpread<kVarSamp, true, false>));
  loader.RegisterFunction(Unbound("var_pop@", BindSpread<kVarPop, false, false>));
}

}  // namespace smelt::engine::postgres
