#include "engine/internal/postgres_dialect/conversions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/internal/postgres_dialect/calls.h"
#include "engine/open_numeric.h"
#include "engine/postgres_text.h"

namespace smelt::engine::postgres {
namespace {

using duckdb::ClientContext;
using duckdb::DataChunk;
using duckdb::ExpressionState;
using duckdb::FunctionBindExpressionInput;
using duckdb::hugeint_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::string_t;
using duckdb::Vector;

Expressions ListOf(ExpressionPtr first, ExpressionPtr second = nullptr) {
  Expressions list;
  list.push_back(std::move(first));
  if (second) list.push_back(std::move(second));
  return list;
}

// ---- Texts of numbers -----------------------------------------------------------------------------------------------

template <typename T>
void WriteReals(DataChunk& arguments, ExpressionState& /*state*/, Vector& result) {
  duckdb::UnaryExecutor::Execute<T, string_t>(arguments.data[0], result, arguments.size(), [&](T value) {
    std::array<char, kRealTextMax> room{};
    char* const end = WriteReal(value, room.data());
    return duckdb::StringVector::AddString(result, room.data(), static_cast<duckdb::idx_t>(end - room.data()));
  });
}

void WriteDecimal(DataChunk& arguments, ExpressionState& state, Vector& result) {
  const LogicalType& type = state.expr.Cast<duckdb::BoundFunctionExpression>().children[0]->return_type;
  const int scale = duckdb::DecimalType::GetScale(type);
  duckdb::UnaryExecutor::Execute<hugeint_t, string_t>(
      arguments.data[0], result, arguments.size(), [&](hugeint_t value) {
        const int shown = ShownScale({.lower = value.lower, .upper = value.upper}, scale);
        return duckdb::StringVector::AddString(result, TextOf(WideOf(value), scale, shown));
      });
}

ExpressionPtr Written(ExpressionPtr value, duckdb::scalar_function_t run) {
  duckdb::ScalarFunction function("text@", {value->return_type}, LogicalType::VARCHAR, std::move(run));
  return duckdb::make_uniq<duckdb::BoundFunctionExpression>(LogicalType::VARCHAR, std::move(function),
                                                            ListOf(std::move(value)), nullptr);
}

ExpressionPtr TextOfValue(ClientContext& context, ExpressionPtr value) {
  const LogicalType& type = value->return_type;
  switch (type.id()) {
    case LogicalTypeId::DOUBLE: return Written(std::move(value), WriteReals<double>);
    case LogicalTypeId::FLOAT: return Written(std::move(value), WriteReals<float>);
    case LogicalTypeId::DECIMAL:
      if (!IsOpenNumeric(duckdb::DecimalType::GetWidth(type), duckdb::DecimalType::GetScale(type))) break;
      return Written(std::move(value), WriteDecimal);
    default: break;
  }
  return CastTo(context, std::move(value), LogicalType::VARCHAR);
}

ExpressionPtr MakeText(FunctionBindExpressionInput& input) {
  return TextOfValue(input.context, std::move(input.children[0]));
}

/// What concat writes of a value: truth is a letter there.
ExpressionPtr MakeWritten(FunctionBindExpressionInput& input) {
  ExpressionPtr value = std::move(input.children[0]);
  if (value->return_type.id() != LogicalTypeId::BOOLEAN) return TextOfValue(input.context, std::move(value));
  ExpressionPtr text = CastTo(input.context, std::move(value), LogicalType::VARCHAR);
  return Call(input.context, "left", ListOf(std::move(text), Constant(duckdb::Value::BIGINT(1))));
}

/// An element is put before or behind a list; numbers become text as PostgreSQL writes them.
ExpressionPtr MakeConcatenation(FunctionBindExpressionInput& input) {
  auto& values = input.children;
  const auto is_list = [&](std::size_t i) { return values[i]->return_type.id() == LogicalTypeId::LIST; };
  if (is_list(0) != is_list(1) && !IsUntyped(*values[is_list(0) ? 1 : 0])) {
    ExpressionPtr& element = values[is_list(0) ? 1 : 0];
    element = Call(input.context, "list_value", ListOf(std::move(element)));
    return Call(input.context, "list_concat", std::move(values));
  }
  for (auto& value : values) {
    if (IsNumber(TypeOf(*value))) value = TextOfValue(input.context, std::move(value));
  }
  const bool is_text =
      std::ranges::any_of(values, [](const auto& value) { return TypeOf(*value).id() == LogicalTypeId::VARCHAR; });
  ExpressionPtr call = Call(input.context, "||", std::move(values), true);
  // Of NULL alone, the engine does not know that it is a text.
  return is_text ? CastTo(input.context, std::move(call), LogicalType::VARCHAR) : std::move(call);
}

/// A real has the digits that its type is sure of, fifteen or six; what does not fit is refused by the cast.
template <typename T>
void ReadReal(DataChunk& arguments, ExpressionState& /*state*/, Vector& result) {
  duckdb::UnaryExecutor::Execute<T, string_t>(arguments.data[0], result, arguments.size(), [&](T value) {
    std::array<char, 512> room{};
    const auto end = std::to_chars(room.data(), room.data() + room.size(), value, std::chars_format::scientific,
                                   std::numeric_limits<T>::digits10 - 1)
                         .ptr;
    return duckdb::StringVector::AddString(result, room.data(), static_cast<duckdb::idx_t>(end - room.data()));
  });
}

/// A cast to the type of the second argument.
ExpressionPtr MakeNumeric(FunctionBindExpressionInput& input) {
  const LogicalType target = input.children[1]->return_type;
  ExpressionPtr value = std::move(input.children[0]);
  if (value->return_type.id() == LogicalTypeId::DOUBLE) value = Written(std::move(value), ReadReal<double>);
  if (value->return_type.id() == LogicalTypeId::FLOAT) value = Written(std::move(value), ReadReal<float>);
  return CastTo(input.context, std::move(value), target);
}

// ---- Types of results -----------------------------------------------------------------------------------------------

ExpressionPtr MakeDouble(FunctionBindExpressionInput& input) {
  ExpressionPtr value = std::move(input.children[0]);
  return IsNumber(TypeOf(*value)) ? CastTo(input.context, std::move(value), LogicalType::DOUBLE) : std::move(value);
}

/// The digits before the point are those that the value had, and one for rounding up; the engine keeps them all.
ExpressionPtr Narrowed(ClientContext& context, ExpressionPtr call, const LogicalType& given) {
  if (given.id() != LogicalTypeId::DECIMAL || call->return_type.id() != LogicalTypeId::DECIMAL) return call;
  const int before = duckdb::DecimalType::GetWidth(given) - duckdb::DecimalType::GetScale(given) + 1;
  const std::uint8_t scale = duckdb::DecimalType::GetScale(call->return_type);
  const int width = std::min<int>(before + scale, duckdb::DecimalType::GetWidth(call->return_type));
  return CastTo(context, std::move(call), LogicalType::DECIMAL(static_cast<std::uint8_t>(width), scale));
}

void RoundHalfEven(DataChunk& arguments, ExpressionState& /*state*/, Vector& result) {
  duckdb::UnaryExecutor::Execute<double, double>(arguments.data[0], result, arguments.size(),
                                                 [](double value) { return std::nearbyint(value); });
}

/// Of reals and whole numbers, halves go to the even neighbour.
ExpressionPtr MakeRound(FunctionBindExpressionInput& input) {
  ExpressionPtr value = std::move(input.children[0]);
  const LogicalType type = TypeOf(*value);
  if (!IsReal(type) && !IsWholeNumber(type)) {
    return Narrowed(input.context, Call(input.context, "round", ListOf(std::move(value))), type);
  }
  duckdb::ScalarFunction function("round@", {LogicalType::DOUBLE}, LogicalType::DOUBLE, RoundHalfEven);
  return duckdb::make_uniq<duckdb::BoundFunctionExpression>(
      LogicalType::DOUBLE, std::move(function), ListOf(CastTo(input.context, std::move(value), LogicalType::DOUBLE)),
      nullptr);
}

constexpr char kFloor[] = "floor";
constexpr char kCeil[] = "ceil";
constexpr char kTrunc[] = "trunc";

template <const char* kName>
ExpressionPtr MakeWhole(FunctionBindExpressionInput& input) {
  const LogicalType type = TypeOf(*input.children[0]);
  return Narrowed(input.context, Call(input.context, kName, std::move(input.children)), type);
}

ExpressionPtr MakeRoundTo(FunctionBindExpressionInput& input) {
  const LogicalType type = TypeOf(*input.children[0]);
  ExpressionPtr call = Call(input.context, "round", std::move(input.children));
  if (!IsWholeNumber(type)) return Narrowed(input.context, std::move(call), type);
  return CastTo(input.context, std::move(call), DecimalOf(type));
}

/// double precision of whole numbers and of reals, numeric of decimals.
ExpressionPtr MakeSign(FunctionBindExpressionInput& input) {
  const bool is_numeric = IsNumeric(TypeOf(*input.children[0]));
  return CastTo(input.context, Call(input.context, "sign", std::move(input.children)),
                is_numeric ? LogicalType::DECIMAL(1, 0) : LogicalType(LogicalType::DOUBLE));
}

/// Characters of a text, bytes of others.
ExpressionPtr MakeLength(FunctionBindExpressionInput& input) {
  const bool is_blob = input.children[0]->return_type.id() == LogicalTypeId::BLOB;
  auto call = Call(input.context, is_blob ? "octet_length" : "length", std::move(input.children));
  return CastTo(input.context, std::move(call), LogicalType::INTEGER);
}

ExpressionPtr MakeByteCount(FunctionBindExpressionInput& input) {
  const bool is_blob = input.children[0]->return_type.id() == LogicalTypeId::BLOB;
  auto call = Call(input.context, is_blob ? "octet_length" : "strlen", std::move(input.children));
  return CastTo(input.context, std::move(call), LogicalType::INTEGER);
}

ExpressionPtr MakeSeries(FunctionBindExpressionInput& input) {
  const bool is_small =
      std::ranges::all_of(input.children, [](const auto& value) { return IsSmallInteger(TypeOf(*value)); });
  for (auto& bound : input.children) {
    if (TypeOf(*bound).id() != LogicalTypeId::DATE) continue;
    bound = CastTo(input.context, std::move(bound), LogicalType::TIMESTAMP_TZ);
  }
  auto call = Call(input.context, "generate_series", std::move(input.children));
  return is_small ? CastTo(input.context, std::move(call), LogicalType::LIST(LogicalType::INTEGER)) : std::move(call);
}

// ---- Parts of times -------------------------------------------------------------------------------------------------

/// A date has the time of the session's midnight there.
ExpressionPtr MakeTruncation(FunctionBindExpressionInput& input) {
  ExpressionPtr& value = input.children[1];
  if (value->return_type.id() == LogicalTypeId::DATE) {
    value = CastTo(input.context, std::move(value), LogicalType::TIMESTAMP_TZ);
  }
  return Call(input.context, "date_trunc", std::move(input.children));
}

std::string FieldOf(ClientContext& context, const duckdb::Expression& field) {
  if (!field.IsFoldable()) return {};
  const duckdb::Value value = duckdb::ExpressionExecutor::EvaluateScalar(context, field);
  return value.IsNull() ? std::string() : duckdb::StringUtil::Lower(value.ToString());
}

/// How many digits behind the point a part of a time has, and what the engine calls it that has them all.
struct TimePart {
  int scale = 0;
  const char* counted = nullptr;  ///< the part that counts the same in smaller units
  double units = 1;
};

TimePart PartOf(const std::string& field, const LogicalType& type) {
  constexpr double kMicrosPerMilli = 1e3, kMicrosPerSecond = 1e6;
  constexpr int kMillis = 3, kMicros = 6;
  if (field == "second" || field == "seconds") return {kMicros, "microseconds", kMicrosPerSecond};
  if (field.starts_with("millisecond")) return {kMillis, "microseconds", kMicrosPerMilli};
  if (field == "epoch" && type.id() != LogicalTypeId::DATE) return {kMicros};
  return {};
}

/// The part as double precision, which has it exactly.
ExpressionPtr PartAsDouble(FunctionBindExpressionInput& input, const TimePart& part) {
  if (part.counted != nullptr) input.children[0] = Constant(duckdb::Value(part.counted));
  ExpressionPtr call =
      CastTo(input.context, Call(input.context, "date_part", std::move(input.children)), LogicalType::DOUBLE);
  if (part.units == 1) return call;
  return Call(input.context, "/", ListOf(std::move(call), Constant(duckdb::Value::DOUBLE(part.units))), true);
}

ExpressionPtr MakePart(FunctionBindExpressionInput& input) {
  const TimePart part = PartOf(FieldOf(input.context, *input.children[0]), input.children[1]->return_type);
  return PartAsDouble(input, part);
}

ExpressionPtr MakeExtract(FunctionBindExpressionInput& input) {
  const TimePart part = PartOf(FieldOf(input.context, *input.children[0]), input.children[1]->return_type);
  constexpr std::uint8_t kDigits = 18;
  const auto type = LogicalType::DECIMAL(kDigits, static_cast<std::uint8_t>(part.scale));
  return CastTo(input.context, PartAsDouble(input, part), type);
}

}  // namespace

void RegisterConversions(duckdb::ExtensionLoader& loader) {
  loader.RegisterFunction(Rewrite("text@", 1, MakeText));
  loader.RegisterFunction(Rewrite("written@", 1, MakeWritten));
  loader.RegisterFunction(Rewrite("double@", 1, MakeDouble));
  loader.RegisterFunction(Rewrite("numeric@", 2, MakeNumeric));
  loader.RegisterFunction(Rewrite("||@", 2, MakeConcatenation));
  duckdb::ScalarFunctionSet round("round@");
  round.AddFunction(Rewrite("round@", 1, MakeRound));
  round.AddFunction(Rewrite("round@", 2, MakeRoundTo));
  loader.RegisterFunction(round);
  loader.RegisterFunction(Rewrite("floor@", 1, MakeWhole<kFloor>));
  loader.RegisterFunction(Rewrite("ceil@", 1, MakeWhole<kCeil>));
  duckdb::ScalarFunctionSet trunc("trunc@");
  trunc.AddFunction(Rewrite("trunc@", 1, MakeWhole<kTrunc>));
  trunc.AddFunction(Rewrite("trunc@", 2, MakeWhole<kTrunc>));
  loader.RegisterFunction(trunc);
  loader.RegisterFunction(Rewrite("sign@", 1, MakeSign));
  loader.RegisterFunction(Rewrite("octet_length@", 1, MakeByteCount));
  loader.RegisterFunction(Rewrite("length@", 1, MakeLength));
  duckdb::ScalarFunctionSet series("generate_series@");
  series.AddFunction(Rewrite("generate_series@", 2, MakeSeries));
  series.AddFunction(Rewrite("generate_series@", 3, MakeSeries));
  loader.RegisterFunction(series);
  loader.RegisterFunction(Rewrite("date_trunc@", 2, MakeTruncation));
  loader.RegisterFunction(Rewrite("date_part@", 2, MakePart));
  loader.RegisterFunction(Rewrite("extract@", 2, MakeExtract));
}

}  // namespace smelt::engine::postgres
