#include "engine/internal/postgres_dialect/calls.h"

#include <algorithm>
#include <duckdb/catalog/catalog_entry/aggregate_function_catalog_entry.hpp>
#include <duckdb/function/function_binder.hpp>
#include <duckdb/planner/expression_binder.hpp>

namespace smelt::engine::postgres {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

ExpressionPtr Call(duckdb::ClientContext& context, const std::string& name, Expressions arguments, bool is_operator) {
  duckdb::ErrorData error;
  duckdb::FunctionBinder binder(context);
  ExpressionPtr call = binder.BindScalarFunction(DEFAULT_SCHEMA, name, std::move(arguments), error, is_operator);
  if (error.HasError()) error.Throw();
  return call;
}

ExpressionPtr CastTo(duckdb::ClientContext& context, ExpressionPtr value, const LogicalType& type) {
  return duckdb::BoundCastExpression::AddCastToType(context, std::move(value), type);
}

ExpressionPtr Constant(duckdb::Value value) {
  return duckdb::make_uniq<duckdb::BoundConstantExpression>(std::move(value));
}

LogicalType TypeOf(const duckdb::Expression& expression) {
  // Which constants are literals, only the binder knows.
  const LogicalType type = duckdb::ExpressionBinder::GetExpressionReturnType(expression);
  if (type.id() == LogicalTypeId::STRING_LITERAL) return LogicalType::VARCHAR;
  if (type.id() != LogicalTypeId::INTEGER_LITERAL) return type;
  const LogicalType normal = LogicalType::NormalizeType(type);
  return IsSmallInteger(normal) ? LogicalType::INTEGER : normal;
}

bool IsUntyped(const duckdb::Expression& expression) {
  const LogicalTypeId id = duckdb::ExpressionBinder::GetExpressionReturnType(expression).id();
  return id == LogicalTypeId::STRING_LITERAL || id == LogicalTypeId::SQLNULL || id == LogicalTypeId::UNKNOWN;
}

bool IsSmallInteger(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::USMALLINT:
    case LogicalTypeId::INTEGER: return true;
    default: return false;
  }
}

bool IsWholeNumber(const LogicalType& type) {
  return IsSmallInteger(type) || type.id() == LogicalTypeId::UINTEGER || type.id() == LogicalTypeId::BIGINT;
}

bool IsNumeric(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::DECIMAL:
    case LogicalTypeId::UBIGINT:
    case LogicalTypeId::HUGEINT:
    case LogicalTypeId::UHUGEINT: return true;
    default: return false;
  }
}

bool IsReal(const LogicalType& type) {
  return type.id() == LogicalTypeId::FLOAT || type.id() == LogicalTypeId::DOUBLE;
}

bool IsNumber(const LogicalType& type) {
  return IsWholeNumber(type) || IsNumeric(type) || IsReal(type);
}

LogicalType DecimalOf(const LogicalType& type) {
  if (type.id() == LogicalTypeId::DECIMAL) return type;
  if (type.id() == LogicalTypeId::UBIGINT) return LogicalType::DECIMAL(20, 0);
  if (IsNumeric(type)) return LogicalType::DECIMAL(kDigitsMax, 0);
  uint8_t width = 0;
  uint8_t scale = 0;
  type.GetDecimalProperties(width, scale);
  return LogicalType::DECIMAL(width, scale);
}

duckdb::unique_ptr<duckdb::FunctionData> BecomeOwn(duckdb::ClientContext& context, const char* name,
                                                   duckdb::AggregateFunction& function, Expressions& arguments) {
  auto& catalog = duckdb::Catalog::GetSystemCatalog(context);
  auto& entry = catalog.GetEntry<duckdb::AggregateFunctionCatalogEntry>(context, DEFAULT_SCHEMA, name);
  duckdb::FunctionBinder binder(context);
  duckdb::ErrorData error;
  const auto place = binder.BindFunction(name, entry.functions, arguments, error);
  if (!place.IsValid()) error.Throw();
  function = entry.functions.GetFunctionByOffset(place.GetIndex());
  return function.HasBindCallback() ? function.GetBindCallback()(context, function, arguments) : nullptr;
}

duckdb::AggregateFunction Settled(const std::string& name, duckdb::AggregateFunction function) {
  function.name = name;
  function.SetFallible();
  function.SetOrderDependent(duckdb::AggregateOrderDependent::NOT_ORDER_DEPENDENT);
  return function;
}

duckdb::AggregateFunction Unbound(const char* name, duckdb::bind_aggregate_function_t bind) {
  return {name, {LogicalType::ANY}, LogicalType::ANY, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, bind};
}

Wide WideOf(duckdb::hugeint_t value) {
  constexpr int kHalf = 64;
  return static_cast<Wide>(value.upper) << kHalf | value.lower;
}

duckdb::hugeint_t HugeOf(Wide value) {
  constexpr int kHalf = 64;
  return {static_cast<std::int64_t>(value >> kHalf), static_cast<std::uint64_t>(value)};
}

duckdb::ScalarFunction Rewrite(const char* name, std::size_t arguments, duckdb::function_bind_expression_t make) {
  duckdb::ScalarFunction function(name, duckdb::vector<LogicalType>(arguments, LogicalType::ANY), LogicalType::ANY,
                                  nullptr);
  function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  function.SetBindExpressionCallback(make);
  return function;
}

}  // namespace smelt::engine::postgres
