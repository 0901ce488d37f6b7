#include "engine/internal/postgres_dialect/arithmetic.h"

#include <algorithm>
#include <limits>

#include "engine/internal/postgres_dialect/calls.h"
#include "engine/open_numeric.h"

namespace smelt::engine::postgres {
namespace {

using duckdb::ClientContext;
using duckdb::DataChunk;
using duckdb::ExpressionState;
using duckdb::FunctionBindExpressionInput;
using duckdb::hugeint_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Vector;

[[noreturn]] void RefuseZero() {
  throw duckdb::InvalidInputException("division by zero");
}

[[noreturn]] void RefuseSize(const char* type) {
  throw duckdb::OutOfRangeException("%s out of range", type);
}

// ---- Functions that run ---------------------------------------------------------------------------------------------

template <typename T>
void DivideWhole(DataChunk& arguments, ExpressionState& /*state*/, Vector& result) {
  duckdb::BinaryExecutor::Execute<T, T, T>(arguments.data[0], arguments.data[1], result, arguments.size(),
                                           [](T left, T right) -> T {
                                             if (right == 0) RefuseZero();
                                             if (right == -1 && left == std::numeric_limits<T>::min()) {
                                               RefuseSize(sizeof(T) == sizeof(std::int64_t) ? "bigint" : "integer");
                                             }
                                             return static_cast<T>(left / right);
                                           });
}

template <typename T>
void ModuloWhole(DataChunk& arguments, ExpressionState& /*state*/, Vector& result) {
  duckdb::BinaryExecutor::Execute<T, T, T>(arguments.data[0], arguments.data[1], result, arguments.size(),
                                           [](T left, T right) -> T {
                                             if (right == 0) RefuseZero();
                                             return right == -1 ? T{0} : static_cast<T>(left % right);
                                           });
}

template <typename T>
void DivideReal(DataChunk& arguments, ExpressionState& /*state*/, Vector& result) {
  duckdb::BinaryExecutor::Execute<T, T, T>(arguments.data[0], arguments.data[1], result, arguments.size(),
                                           [](T left, T right) -> T {
                                             if (right == 0) RefuseZero();
                                             return left / right;
                                           });
}

/// The scales of a function on decimals.
struct Scales {
  int left = 0, right = 0, result = 0;
  bool left_open = false, right_open = false;  ///< whether the values show as many digits as they need
  bool operator==(const Scales&) const = default;
};

const Scales& ScalesOf(const ExpressionState& state) {
  return state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<Known<Scales>>().value;
}

void DivideDecimals(DataChunk& arguments, ExpressionState& state, Vector& result) {
  const Scales& scales = ScalesOf(state);
  const auto shown = [](Wide value, int scale, bool open) { return open ? WithoutZeros(value, scale) : scale; };
  duckdb::BinaryExecutor::Execute<hugeint_t, hugeint_t, hugeint_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(), [&](hugeint_t left, hugeint_t right) {
        const Wide dividend = WideOf(left);
        const Wide divisor = WideOf(right);
        if (divisor == 0) RefuseZero();
        const auto quotient =
            Divide({dividend, scales.left, shown(dividend, scales.left, scales.left_open)},
                   {divisor, scales.right, shown(divisor, scales.right, scales.right_open)}, scales.result);
        if (!quotient) RefuseSize("numeric");
        return HugeOf(*quotient);
      });
}

void MultiplyDecimals(DataChunk& arguments, ExpressionState& state, Vector& result) {
  const Scales& scales = ScalesOf(state);
  const int dropped = scales.left + scales.right - scales.result;
  duckdb::BinaryExecutor::Execute<hugeint_t, hugeint_t, hugeint_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(), [&](hugeint_t left, hugeint_t right) {
        const auto product = Multiply(WideOf(left), WideOf(right), dropped);
        if (!product) RefuseSize("numeric");
        return HugeOf(*product);
      });
}

/// Both are of one scale.
void ModuloDecimals(DataChunk& arguments, ExpressionState& /*state*/, Vector& result) {
  duckdb::BinaryExecutor::Execute<hugeint_t, hugeint_t, hugeint_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(), [](hugeint_t left, hugeint_t right) {
        if (right == 0) RefuseZero();
        return HugeOf(WideOf(left) % WideOf(right));
      });
}

void SubtractTimes(DataChunk& arguments, ExpressionState& /*state*/, Vector& result) {
  duckdb::BinaryExecutor::Execute<duckdb::dtime_t, duckdb::dtime_t, duckdb::interval_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(), [](duckdb::dtime_t left, duckdb::dtime_t right) {
        return duckdb::interval_t{0, 0, left.micros - right.micros};
      });
}

ExpressionPtr Made(const char* name, const LogicalType& type, duckdb::scalar_function_t run, Expressions arguments,
                   duckdb::unique_ptr<duckdb::FunctionData> data = nullptr) {
  duckdb::vector<LogicalType> types;
  for (const auto& argument : arguments) types.push_back(argument->return_type);
  duckdb::ScalarFunction function(name, std::move(types), type, std::move(run));
  function.SetFallible();
  return duckdb::make_uniq<duckdb::BoundFunctionExpression>(type, std::move(function), std::move(arguments),
                                                            std::move(data));
}

// ---- Which of them --------------------------------------------------------------------------------------------------

/// Two operands and their types.
struct Operands {
  ClientContext& context;
  Expressions& values;
  LogicalType left, right;

  void Cast(const LogicalType& type) {
    for (auto& value : values) value = CastTo(context, std::move(value), type);
    left = right = type;
  }
};

/// What gives both operands one type: that of the other for texts and parameters without one, the wider of numbers.
void Unify(char sign, Operands& operands) {
  const bool untyped[2] = {IsUntyped(*operands.values[0]), IsUntyped(*operands.values[1])};
  if (untyped[0] == untyped[1]) return;
  const LogicalType known = untyped[0] ? operands.right : operands.left;
  const std::size_t place = untyped[0] ? 0 : 1;
  const bool has_text = TypeOf(*operands.values[place]).id() == LogicalTypeId::VARCHAR;
  // A time less a text is less another time; what is added to one is an interval.
  const bool is_time = sign == '-' && known.IsTemporal() && known.id() != LogicalTypeId::INTERVAL;
  if (!IsNumber(known) && !(has_text && is_time)) return;
  // A decimal's own digits do not bound what stands beside it.
  const LogicalType type = known.id() == LogicalTypeId::DECIMAL ? LogicalType::DECIMAL(32, 10) : known;
  operands.values[place] = CastTo(operands.context, std::move(operands.values[place]), type);
  (place == 0 ? operands.left : operands.right) = type;
}

ExpressionPtr WholeCall(const char* name, Operands& operands, bool divides) {
  const LogicalType& type = operands.left;
  duckdb::scalar_function_t run;
  switch (type.id()) {
    case LogicalTypeId::SMALLINT: run = divides ? DivideWhole<std::int16_t> : ModuloWhole<std::int16_t>; break;
    case LogicalTypeId::INTEGER: run = divides ? DivideWhole<std::int32_t> : ModuloWhole<std::int32_t>; break;
    default: run = divides ? DivideWhole<std::int64_t> : ModuloWhole<std::int64_t>; break;
  }
  return Made(name, type, std::move(run), std::move(operands.values));
}

/// smallint, integer or bigint, whatever holds both.
LogicalType CommonWhole(const LogicalType& left, const LogicalType& right) {
  const auto rank = [](const LogicalType& type) {
    switch (type.id()) {
      case LogicalTypeId::TINYINT:
      case LogicalTypeId::UTINYINT:
      case LogicalTypeId::SMALLINT: return 0;
      case LogicalTypeId::USMALLINT:
      case LogicalTypeId::INTEGER: return 1;
      default: return 2;
    }
  };
  constexpr LogicalTypeId kTypes[] = {LogicalTypeId::SMALLINT, LogicalTypeId::INTEGER, LogicalTypeId::BIGINT};
  return kTypes[std::max(rank(left), rank(right))];
}

/// Casts both to decimals of 38 digits, and says what their scales are.
duckdb::unique_ptr<Known<Scales>> WidenDecimals(Operands& operands, const LogicalType& left, const LogicalType& right,
                                                int result) {
  const int scales[2] = {duckdb::DecimalType::GetScale(left), duckdb::DecimalType::GetScale(right)};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto type = LogicalType::DECIMAL(kDigitsMax, static_cast<std::uint8_t>(scales[i]));
    operands.values[i] = CastTo(operands.context, std::move(operands.values[i]), type);
  }
  const auto is_open = [](const LogicalType& type, int scale) {
    return IsOpenNumeric(duckdb::DecimalType::GetWidth(type), scale);
  };
  return duckdb::make_uniq<Known<Scales>>(Scales{.left = scales[0],
                                                 .right = scales[1],
                                                 .result = result,
                                                 .left_open = is_open(left, scales[0]),
                                                 .right_open = is_open(right, scales[1])});
}

ExpressionPtr OfDecimals(char sign, Operands& operands) {
  const LogicalType left = DecimalOf(operands.left);
  const LogicalType right = DecimalOf(operands.right);
  if (sign == '/') {
    auto data = WidenDecimals(operands, left, right, kOpenScale);
    return Made("/@", LogicalType::DECIMAL(kDigitsMax, kOpenScale), DivideDecimals, std::move(operands.values),
                std::move(data));
  }
  const int digits = duckdb::DecimalType::GetWidth(left) + duckdb::DecimalType::GetWidth(right);
  const int scale = duckdb::DecimalType::GetScale(left) + duckdb::DecimalType::GetScale(right);
  if (sign == '*' && scale > kOpenScale && digits > kDigitsMax) {
    auto data = WidenDecimals(operands, left, right, kOpenScale);
    return Made("*@", LogicalType::DECIMAL(kDigitsMax, kOpenScale), MultiplyDecimals, std::move(operands.values),
                std::move(data));
  }
  if (sign == '%') {
    const std::uint8_t point = std::max(duckdb::DecimalType::GetScale(left), duckdb::DecimalType::GetScale(right));
    const int before = std::max(duckdb::DecimalType::GetWidth(left) - duckdb::DecimalType::GetScale(left),
                                duckdb::DecimalType::GetWidth(right) - duckdb::DecimalType::GetScale(right));
    const int wide = std::clamp(before + point, kNarrowDigits + 1, kDigitsMax);
    const auto type = LogicalType::DECIMAL(static_cast<std::uint8_t>(wide), point);
    operands.Cast(type);
    return Made("%@", type, ModuloDecimals, std::move(operands.values));
  }
  // The engine's own would keep to 64 bits as long as both sides do, and refuse what is larger.
  const int widest = std::max(duckdb::DecimalType::GetWidth(left), duckdb::DecimalType::GetWidth(right));
  if (sign == '*' ? digits > kNarrowDigits : widest == kNarrowDigits) {
    const int wider = std::max<int>(duckdb::DecimalType::GetWidth(left), kNarrowDigits + 1);
    const auto wide = LogicalType::DECIMAL(static_cast<std::uint8_t>(wider), duckdb::DecimalType::GetScale(left));
    operands.values[0] = CastTo(operands.context, std::move(operands.values[0]), wide);
  }
  return Call(operands.context, std::string(1, sign), std::move(operands.values), true);
}

ExpressionPtr OfNumbers(char sign, Operands& operands) {
  const bool divides = sign == '/';
  if (IsReal(operands.left) || IsReal(operands.right)) {
    operands.Cast(operands.left == operands.right ? operands.left : LogicalType::DOUBLE);
    if (divides) {
      const bool is_double = operands.left.id() == LogicalTypeId::DOUBLE;
      return Made("/@", operands.left, is_double ? DivideReal<double> : DivideReal<float>, std::move(operands.values));
    }
  } else if (IsNumeric(operands.left) || IsNumeric(operands.right)) {
    return OfDecimals(sign, operands);
  } else {
    operands.Cast(CommonWhole(operands.left, operands.right));
    if (divides || sign == '%') return WholeCall(divides ? "/@" : "%@", operands, divides);
  }
  return Call(operands.context, std::string(1, sign), std::move(operands.values), true);
}

template <char kSign>
ExpressionPtr MakeOperator(FunctionBindExpressionInput& input) {
  Operands operands{input.context, input.children, TypeOf(*input.children[0]), TypeOf(*input.children[1])};
  Unify(kSign, operands);
  if (IsNumber(operands.left) && IsNumber(operands.right)) return OfNumbers(kSign, operands);
  const bool same = operands.left == operands.right;
  if (kSign == '-' && same && operands.left.id() == LogicalTypeId::TIME) {
    return Made("-@", LogicalType::INTERVAL, SubtractTimes, std::move(operands.values));
  }
  ExpressionPtr call = Call(input.context, std::string(1, kSign), std::move(operands.values), true);
  if (kSign == '-' && same && operands.left.id() == LogicalTypeId::DATE) {
    return CastTo(input.context, std::move(call), LogicalType::INTEGER);
  }
  return call;
}

}  // namespace

void RegisterArithmetic(duckdb::ExtensionLoader& loader) {
  constexpr std::size_t kOperands = 2;
  loader.RegisterFunction(Rewrite("+@", kOperands, MakeOperator<'+'>));
  loader.RegisterFunction(Rewrite("-@", kOperands, MakeOperator<'-'>));
  loader.RegisterFunction(Rewrite("*@", kOperands, MakeOperator<'*'>));
  loader.RegisterFunction(Rewrite("/@", kOperands, MakeOperator<'/'>));
  loader.RegisterFunction(Rewrite("%@", kOperands, MakeOperator<'%'>));
}

}  // namespace smelt::engine::postgres
