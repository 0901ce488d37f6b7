#include "engine/internal/postgres_dialect/aggregates.h"

#include <algorithm>
#include <utility>

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
using duckdb::LogicalTypeId;

/// A sum and how many values it is of. Memory of DuckDB's: no member may ask for more than eight bytes' alignment.
template <typename T>
struct Total {
  T sum;
  std::int64_t count;
};

[[noreturn]] void RefuseSum(const char* type) {
  throw duckdb::OutOfRangeException("%s out of range", type);
}

void Add(std::int64_t& sum, std::int64_t value) {
  if (__builtin_add_overflow(sum, value, &sum)) RefuseSum("bigint");
}

void Add(hugeint_t& sum, hugeint_t value) {
  Wide total = 0;
  if (__builtin_add_overflow(WideOf(sum), WideOf(value), &total)) RefuseSum("numeric");
  sum = HugeOf(total);
}

void Add(double& sum, double value) {
  sum += value;
}

void Add(duckdb::interval_t& sum, duckdb::interval_t value) {
  const std::int64_t months = std::int64_t{sum.months} + value.months;
  const std::int64_t days = std::int64_t{sum.days} + value.days;
  if (!std::in_range<std::int32_t>(months) || !std::in_range<std::int32_t>(days)) RefuseSum("interval");
  Add(sum.micros, value.micros);
  sum = {static_cast<std::int32_t>(months), static_cast<std::int32_t>(days), sum.micros};
}

/// A value that stands there many times: by doubling.
template <typename T>
void AddTimes(T& sum, T value, std::uint64_t times) {
  while (true) {
    if ((times & 1) != 0) Add(sum, value);
    times >>= 1;
    if (times == 0) return;
    Add(value, T(value));
  }
}

/// What all of them do with their values; how they end is their own.
struct Adding {
  template <class State>
  static void Initialize(State& state) {
    state = {};
  }
  template <class Input, class State, class Function>
  static void Operation(State& state, const Input& input, AggregateUnaryInput& /*unary*/) {
    Add(state.sum, static_cast<decltype(state.sum)>(input));
    ++state.count;
  }
  template <class Input, class State, class Function>
  static void ConstantOperation(State& state, const Input& input, AggregateUnaryInput& /*unary*/, idx_t count) {
    AddTimes(state.sum, static_cast<decltype(state.sum)>(input), count);
    state.count += static_cast<std::int64_t>(count);
  }
  template <class State, class Function>
  static void Combine(const State& source, State& target, AggregateInputData& /*data*/) {
    Add(target.sum, source.sum);
    target.count += source.count;
  }
  static bool IgnoreNull() { return true; }
};

struct Sum : Adding {
  template <class Result, class State>
  static void Finalize(State& state, Result& target, AggregateFinalizeData& data) {
    if (state.count == 0) return data.ReturnNull();
    target = static_cast<Result>(state.sum);
  }
};

struct DecimalSum : Adding {
  template <class Result, class State>
  static void Finalize(State& state, Result& target, AggregateFinalizeData& data) {
    if (state.count == 0) return data.ReturnNull();
    const int width = duckdb::DecimalType::GetWidth(data.result.GetType());
    if (DigitsOf(WideOf(state.sum)) > width) throw duckdb::OutOfRangeException("numeric out of range");
    target = state.sum;
  }
};

/// The scale of what an average is of, and whether its values show as many digits as they need.
using InputScale = std::pair<int, bool>;

struct Average : Adding {
  template <class Result, class State>
  static void Finalize(State& state, Result& target, AggregateFinalizeData& data) {
    if (state.count == 0) return data.ReturnNull();
    const auto& [scale, is_open] = data.input.bind_data->Cast<Known<InputScale>>().value;
    const Wide sum = WideOf(state.sum);
    const int shown = is_open ? WithoutZeros(sum, scale) : scale;
    const auto average =
        Divide({sum, scale, shown}, {state.count, 0, 0}, duckdb::DecimalType::GetScale(data.result.GetType()));
    if (!average) throw duckdb::OutOfRangeException("numeric out of range");
    target = HugeOf(*average);
  }
};

template <typename Input, typename State, typename Result>
AggregateFunction SumOf(const LogicalType& input, const LogicalType& result) {
  return Settled("sum@", AggregateFunction::UnaryAggregate<Total<State>, Input, Result, Sum>(input, result));
}

using Data = duckdb::unique_ptr<duckdb::FunctionData>;

/// A sum has room for ten billion values, but leaves some behind the point: where it meets a quotient in one column,
/// both are of a type that has all digits before the point.
AggregateFunction DecimalSumOf(const LogicalType& decimal) {
  constexpr int kMore = 10;
  constexpr int kBeforePointMax = 26;
  const int width = duckdb::DecimalType::GetWidth(decimal);
  const std::uint8_t scale = duckdb::DecimalType::GetScale(decimal);
  const int before = std::max(width - scale, std::min(width - scale + kMore, kBeforePointMax));
  const int digits = std::clamp(before + scale, kNarrowDigits + 1, kDigitsMax);
  return OverDecimals<Total<hugeint_t>, DecimalSum>("sum@", decimal,
                                                    LogicalType::DECIMAL(static_cast<std::uint8_t>(digits), scale));
}

Data BindSum(duckdb::ClientContext& context, AggregateFunction& function, Expressions& arguments) {
  const LogicalType type = TypeOf(*arguments[0]);
  if (IsSmallInteger(type)) {
    function = SumOf<std::int64_t, std::int64_t, std::int64_t>(LogicalType::BIGINT, LogicalType::BIGINT);
  } else if (type.id() == LogicalTypeId::FLOAT) {
    function = SumOf<float, double, float>(type, type);
  } else if (type.id() == LogicalTypeId::INTERVAL) {
    function = SumOf<duckdb::interval_t, duckdb::interval_t, duckdb::interval_t>(type, type);
  } else if (IsWholeNumber(type) || IsNumeric(type)) {
    function = DecimalSumOf(DecimalOf(type));
  } else {
    return BecomeOwn(context, "sum", function, arguments);
  }
  return nullptr;
}

Data BindAverage(duckdb::ClientContext& context, AggregateFunction& function, Expressions& arguments) {
  const LogicalType type = TypeOf(*arguments[0]);
  if (!IsWholeNumber(type) && !IsNumeric(type)) return BecomeOwn(context, "avg", function, arguments);
  const LogicalType decimal = DecimalOf(type);
  const int width = duckdb::DecimalType::GetWidth(decimal);
  const int input = duckdb::DecimalType::GetScale(decimal);
  // A bigint has up to nineteen digits before the point.
  const int scale = type.id() == LogicalTypeId::BIGINT ? kOpenScale - 1 : kOpenScale;
  const auto result = LogicalType::DECIMAL(kDigitsMax, static_cast<std::uint8_t>(scale));
  function = OverDecimals<Total<hugeint_t>, Average>("avg@", decimal, result);
  return duckdb::make_uniq<Known<InputScale>>(InputScale(input, IsOpenNumeric(width, input)));
}

}  // namespace

void RegisterAggregates(duckdb::ExtensionLoader& loader) {
  loader.RegisterFunction(Unbound("sum@", BindSum));
  loader.RegisterFunction(Unbound("avg@", BindAverage));
}

}  // namespace smelt::engine::postgres
