#include "engine/internal/postgres_functions/range_functions.h"

#include <algorithm>
#include <cmath>

#include "engine/internal/postgres_functions/calendar.h"

namespace smelt::engine::postgres {
namespace {

using duckdb::hugeint_t;
using duckdb::idx_t;
using duckdb::interval_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;

// ---- width_bucket ---------------------------------------------------------------------------------------------------

template <typename T>
void CheckBuckets(const T& low, const T& high, std::int32_t count) {
  if (count <= 0) throw duckdb::InvalidInputException("width_bucket: %d buckets are not more than 0", count);
  if (low == high) throw duckdb::InvalidInputException("width_bucket: the bounds are equal");
}

/// How many buckets end at or before an operand that lies between the bounds.
std::int32_t BucketsBefore(double value, double low, double high, std::int32_t count) {
  // Half of each, so that no difference leaves the range.
  const double share = (value / 2 - low / 2) / (high / 2 - low / 2);
  return static_cast<std::int32_t>(std::clamp(share * count, 0.0, static_cast<double>(count - 1)));
}

std::int32_t BucketsBefore(hugeint_t value, hugeint_t low, hugeint_t high, std::int32_t count) {
  hugeint_t product = value - low;
  if (duckdb::Hugeint::TryMultiply(product, hugeint_t(count), product)) {
    return duckdb::Hugeint::Cast<std::int32_t>(product / (high - low));
  }
  return BucketsBefore(duckdb::Hugeint::Cast<double>(value), duckdb::Hugeint::Cast<double>(low),
                       duckdb::Hugeint::Cast<double>(high), count);
}

template <typename T>
std::int32_t BucketOf(const T& value, const T& low, const T& high, std::int32_t count) {
  const bool rises = low < high;
  if (rises ? value < low : value > low) return 0;
  if (rises ? value >= high : value <= high) {
    if (count == std::numeric_limits<std::int32_t>::max())
      throw duckdb::OutOfRangeException("width_bucket: no such number");
    return count + 1;
  }
  // A range that falls is one that rises with all signs turned.
  return 1 + (rises ? BucketsBefore(value, low, high, count) : BucketsBefore(-value, -low, -high, count));
}

/// Calls `bucket(value, low, high, count)` for rows that have all four.
template <typename T, typename Bucket>
void ExecuteBuckets(duckdb::DataChunk& arguments, duckdb::Vector& result, Bucket bucket) {
  duckdb::UnifiedVectorFormat formats[4];
  for (idx_t i = 0; i < 4; ++i) arguments.data[i].ToUnifiedFormat(arguments.size(), formats[i]);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* buckets = duckdb::FlatVector::GetData<std::int32_t>(result);
  for (idx_t row = 0; row < arguments.size(); ++row) {
    idx_t at[4];
    bool valid = true;
    for (idx_t i = 0; i < 4; ++i) {
      at[i] = formats[i].sel->get_index(row);
      valid = valid && formats[i].validity.RowIsValid(at[i]);
    }
    if (!valid) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const auto number = [&](idx_t i) { return duckdb::UnifiedVectorFormat::GetData<T>(formats[i])[at[i]]; };
    const std::int32_t count = duckdb::UnifiedVectorFormat::GetData<std::int32_t>(formats[3])[at[3]];
    buckets[row] = bucket(number(0), number(1), number(2), count);
  }
  if (arguments.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

void WidthBucketOfDouble(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, duckdb::Vector& result) {
  ExecuteBuckets<double>(arguments, result, [](double value, double low, double high, std::int32_t count) {
    CheckBuckets(low, high, count);
    if (std::isnan(value) || std::isnan(low) || std::isnan(high)) {
      throw duckdb::InvalidInputException("width_bucket: a number is NaN");
    }
    if (std::isinf(low) || std::isinf(high)) throw duckdb::InvalidInputException("width_bucket: a bound is infinite");
    return BucketOf(value, low, high, count);
  });
}

void WidthBucketOfDecimal(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, duckdb::Vector& result) {
  ExecuteBuckets<hugeint_t>(arguments, result, [](hugeint_t value, hugeint_t low, hugeint_t high, std::int32_t count) {
    CheckBuckets(low, high, count);
    return BucketOf(value, low, high, count);
  });
}

using RangeArguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

using ExecuteRange = void (*)(duckdb::DataChunk&, duckdb::ExpressionState&, duckdb::Vector&);

/// How numbers of several types are counted with: exactly, where none is a floating-point number.
struct CommonNumber {
  LogicalType type = LogicalType::DOUBLE;
  bool whole = false;
};

CommonNumber CommonNumberOf(const duckdb::ScalarFunction& function, const RangeArguments& arguments, idx_t count) {
  constexpr int kDigitsMax = 38;
  bool decimal = false;
  bool floating = false;
  bool huge = false;
  int scale = 0;
  int before = 1;
  for (idx_t i = 0; i < count; ++i) {
    const LogicalType& type = arguments[i]->return_type;
    const LogicalTypeId id = type.id();
    std::uint8_t width_of = 0;
    std::uint8_t scale_of = 0;
    if (id == LogicalTypeId::SQLNULL) continue;
    const bool open = id == LogicalTypeId::UNKNOWN || id == LogicalTypeId::STRING_LITERAL;
    floating = floating || open || id == LogicalTypeId::DOUBLE || id == LogicalTypeId::FLOAT;
    decimal = decimal || id == LogicalTypeId::DECIMAL;
    if (open || floating) continue;
    if (!type.IsNumeric()) {
      throw duckdb::BinderException("%s: a value of type %s is no number", function.name, type.ToString());
    }
    huge = huge || id == LogicalTypeId::UBIGINT || id == LogicalTypeId::HUGEINT || id == LogicalTypeId::UHUGEINT;
    if (type.GetDecimalProperties(width_of, scale_of)) {
      scale = std::max<int>(scale, scale_of);
      before = std::max(before, width_of - scale_of);
    } else {
      before = kDigitsMax;
    }
  }
  if (!floating && !decimal) return {huge ? LogicalType::HUGEINT : LogicalType::BIGINT, true};
  if (floating || before + scale > kDigitsMax) return {};
  return {LogicalType::DECIMAL(kDigitsMax, static_cast<std::uint8_t>(scale))};
}

duckdb::unique_ptr<duckdb::FunctionData> BindWidthBucket(duckdb::ClientContext& /*context*/,
                                                         duckdb::ScalarFunction& function, RangeArguments& arguments) {
  CommonNumber number = CommonNumberOf(function, arguments, 3);
  if (number.whole) number.type = LogicalType::DECIMAL(38, 0);
  const bool exact = number.type.id() == LogicalTypeId::DECIMAL;
  function.SetFunctionCallback(exact ? WidthBucketOfDecimal : WidthBucketOfDouble);
  for (idx_t i = 0; i < 3; ++i) function.arguments[i] = number.type;
  return nullptr;
}

// ---- div ------------------------------------------------------------------------------------------------------------

std::int64_t WholeQuotient(std::int64_t value, std::int64_t divisor) {
  if (value == std::numeric_limits<std::int64_t>::min() && divisor == -1) {
    throw duckdb::OutOfRangeException("div: the quotient is out of range");
  }
  return value / divisor;
}
hugeint_t WholeQuotient(hugeint_t value, hugeint_t divisor) {
  return value / divisor;
}
double WholeQuotient(double value, double divisor) {
  return std::trunc(value / divisor);
}

template <typename T>
void Div(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, duckdb::Vector& result) {
  const auto divide = [](T value, T divisor) {
    if (divisor == T(0)) throw duckdb::InvalidInputException("div: division by zero");
    return WholeQuotient(value, divisor);
  };
  duckdb::BinaryExecutor::Execute<T, T, T>(arguments.data[0], arguments.data[1], result, arguments.size(), divide);
}

duckdb::unique_ptr<duckdb::FunctionData> BindDiv(duckdb::ClientContext& /*context*/, duckdb::ScalarFunction& function,
                                                 RangeArguments& arguments) {
  const CommonNumber number = CommonNumberOf(function, arguments, 2);
  ExecuteRange execute = Div<double>;
  LogicalType quotient = number.type;
  if (number.type.id() == LogicalTypeId::DECIMAL) {
    execute = Div<hugeint_t>;
    quotient = LogicalType::DECIMAL(38, 0);
  } else if (number.whole) {
    execute = number.type.id() == LogicalTypeId::BIGINT ? Div<std::int64_t> : Div<hugeint_t>;
  }
  function.SetFunctionCallback(execute);
  function.arguments = {number.type, number.type};
  function.SetReturnType(quotient);
  return nullptr;
}

// ---- date_bin -------------------------------------------------------------------------------------------------------

std::int64_t StrideOf(const interval_t& stride) {
  if (stride.months != 0) throw duckdb::InvalidInputException("date_bin: a stride has no months and years");
  std::int64_t micros = 0;
  const bool overflows = __builtin_mul_overflow(std::int64_t{stride.days}, kMicrosPerDay, &micros) ||
                         __builtin_add_overflow(micros, stride.micros, &micros);
  if (overflows) throw duckdb::OutOfRangeException("date_bin: the stride is too long");
  if (micros <= 0) throw duckdb::InvalidInputException("date_bin: the stride is not more than 0");
  return micros;
}

std::int64_t BinOf(std::int64_t stride, std::int64_t value, std::int64_t origin) {
  std::int64_t since = 0;
  std::int64_t bin = 0;
  const bool overflows = __builtin_sub_overflow(value, origin, &since) ||
                         __builtin_sub_overflow(value, since % stride, &bin) ||
                         (since % stride < 0 && __builtin_sub_overflow(bin, stride, &bin));
  if (overflows) throw duckdb::OutOfRangeException("date_bin: a time is out of range");
  return bin;
}

void DateBin(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, duckdb::Vector& result) {
  duckdb::TernaryExecutor::Execute<interval_t, duckdb::timestamp_t, duckdb::timestamp_t, duckdb::timestamp_t>(
      arguments.data[0], arguments.data[1], arguments.data[2], result, arguments.size(),
      [](interval_t stride, duckdb::timestamp_t value, duckdb::timestamp_t origin) {
        if (!duckdb::Timestamp::IsFinite(value)) return value;
        if (!duckdb::Timestamp::IsFinite(origin))
          throw duckdb::InvalidInputException("date_bin: the origin is infinite");
        return duckdb::timestamp_t(BinOf(StrideOf(stride), value.value, origin.value));
      });
}

// ---- justify --------------------------------------------------------------------------------------------------------

constexpr std::int64_t kDaysPerMonth = 30;

/// Moves what is a whole of the larger unit, and what has another sign than it.
void Carry(std::int64_t& smaller, std::int64_t& larger, std::int64_t units) {
  larger += smaller / units;
  smaller %= units;
  if (larger > 0 && smaller < 0) {
    smaller += units;
    --larger;
  } else if (larger < 0 && smaller > 0) {
    smaller -= units;
    ++larger;
  }
}

std::int32_t Narrowed(std::int64_t value) {
  if (value != static_cast<std::int32_t>(value)) throw duckdb::OutOfRangeException("an interval is too long");
  return static_cast<std::int32_t>(value);
}

enum class Justified : std::uint8_t { kHours, kDays, kAll };

template <Justified kWhat>
interval_t Justify(interval_t interval) {
  std::int64_t months = interval.months;
  std::int64_t days = interval.days;
  std::int64_t micros = interval.micros;
  if constexpr (kWhat == Justified::kHours) Carry(micros, days, kMicrosPerDay);
  if constexpr (kWhat == Justified::kDays) Carry(days, months, kDaysPerMonth);
  if constexpr (kWhat == Justified::kAll) {
    days += micros / kMicrosPerDay;
    micros %= kMicrosPerDay;
    months += days / kDaysPerMonth;
    days %= kDaysPerMonth;
    const bool positive = days > 0 || (days == 0 && micros > 0);
    if (months > 0 && !positive && (days < 0 || micros < 0)) {
      days += kDaysPerMonth;
      --months;
    } else if (months < 0 && positive) {
      days -= kDaysPerMonth;
      ++months;
    }
    if (days > 0 && micros < 0) {
      micros += kMicrosPerDay;
      --days;
    } else if (days < 0 && micros > 0) {
      micros -= kMicrosPerDay;
      ++days;
    }
  }
  return {Narrowed(months), Narrowed(days), micros};
}

template <Justified kWhat>
duckdb::ScalarFunction JustifyFunction(const char* name) {
  duckdb::ScalarFunction function(name, {LogicalType::INTERVAL}, LogicalType::INTERVAL,
                                  [](duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
                                    duckdb::UnaryExecutor::Execute<interval_t, interval_t>(
                                        arguments.data[0], result, arguments.size(), Justify<kWhat>);
                                  });
  function.SetFallible();
  return function;
}

}  // namespace

void RegisterRangeFunctions(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "smelt");
  const auto add = [](duckdb::ScalarFunctionSet& set, duckdb::ScalarFunction function) {
    function.SetFallible();
    set.AddFunction(std::move(function));
  };
  const LogicalType any = LogicalType::ANY;
  duckdb::ScalarFunctionSet buckets("width_bucket");
  add(buckets, {{any, any, any, LogicalType::INTEGER}, LogicalType::INTEGER, WidthBucketOfDouble, BindWidthBucket});
  loader.RegisterFunction(buckets);

  duckdb::ScalarFunctionSet quotients("div");
  add(quotients, {{any, any}, LogicalType::DOUBLE, Div<double>, BindDiv});
  loader.RegisterFunction(quotients);

  duckdb::ScalarFunctionSet bins("date_bin");
  for (const LogicalType type : {LogicalType::TIMESTAMP, LogicalType::TIMESTAMP_TZ}) {
    add(bins, {{LogicalType::INTERVAL, type, type}, type, DateBin});
  }
  loader.RegisterFunction(bins);

  loader.RegisterFunction(JustifyFunction<Justified::kHours>("justify_hours"));
  loader.RegisterFunction(JustifyFunction<Justified::kDays>("justify_days"));
  loader.RegisterFunction(JustifyFunction<Justified::kAll>("justify_interval"));
}

}  // namespace smelt::engine::postgres
