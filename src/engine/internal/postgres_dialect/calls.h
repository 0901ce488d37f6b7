#pragma once

#include <string>

#include "engine/internal/duck.h"
#include "engine/internal/postgres_dialect/decimal_math.h"

/// What the functions of the dialect are built from. Their names end with '@': statements of clients cannot mean them
/// by accident, and the optimiser's rules for the engine's own of the same name do not apply to them.
namespace smelt::engine::postgres {

using ExpressionPtr = duckdb::unique_ptr<duckdb::Expression>;
using Expressions = duckdb::vector<ExpressionPtr>;

/// A call of one of the engine's own functions. Throws what DuckDB throws when none fits.
ExpressionPtr Call(duckdb::ClientContext& context, const std::string& name, Expressions arguments,
                   bool is_operator = false);
ExpressionPtr CastTo(duckdb::ClientContext& context, ExpressionPtr value, const duckdb::LogicalType& type);
ExpressionPtr Constant(duckdb::Value value);

/// The type of an argument as PostgreSQL sees it: literals of whole numbers are INTEGER or BIGINT, those of text
/// VARCHAR.
duckdb::LogicalType TypeOf(const duckdb::Expression& expression);
/// Whether it is a literal of text, or NULL without a type, which takes the type of its place.
bool IsUntyped(const duckdb::Expression& expression);

bool IsSmallInteger(const duckdb::LogicalType& type);  ///< smallint or integer there
bool IsWholeNumber(const duckdb::LogicalType& type);   ///< smallint, integer or bigint there
bool IsNumeric(const duckdb::LogicalType& type);       ///< numeric there
bool IsReal(const duckdb::LogicalType& type);          ///< real or double precision there
bool IsNumber(const duckdb::LogicalType& type);        ///< any of these
/// The decimal type of a type that is one of numbers, but not real.
duckdb::LogicalType DecimalOf(const duckdb::LogicalType& type);

/// Puts the engine's own aggregate of a name in the place of one of the dialect, and binds it.
duckdb::unique_ptr<duckdb::FunctionData> BecomeOwn(duckdb::ClientContext& context, const char* name,
                                                   duckdb::AggregateFunction& function, Expressions& arguments);
/// An aggregate under its name: it may refuse values, and their order is nothing to it.
duckdb::AggregateFunction Settled(const std::string& name, duckdb::AggregateFunction function);
/// An aggregate of one value that becomes what `bind` makes of it.
duckdb::AggregateFunction Unbound(const char* name, duckdb::bind_aggregate_function_t bind);

/// What a function knows since it was bound: a value that can be compared.
template <typename T>
struct Known : public duckdb::FunctionData {
  explicit Known(T value_p) : value(std::move(value_p)) {}
  duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<Known>(value); }
  bool Equals(const FunctionData& other) const override { return value == other.Cast<Known>().value; }

  T value;
};

/// An aggregate of decimals of a type that is read as 64 bits where it has no more, and gives another decimal.
template <class State, class Function>
duckdb::AggregateFunction OverDecimals(const std::string& name, const duckdb::LogicalType& decimal,
                                       const duckdb::LogicalType& result) {
  const std::uint8_t scale = duckdb::DecimalType::GetScale(decimal);
  auto function =
      duckdb::DecimalType::GetWidth(decimal) <= kNarrowDigits
          ? duckdb::AggregateFunction::UnaryAggregate<State, std::int64_t, duckdb::hugeint_t, Function>(
                duckdb::LogicalType::DECIMAL(kNarrowDigits, scale), result)
          : duckdb::AggregateFunction::UnaryAggregate<State, duckdb::hugeint_t, duckdb::hugeint_t, Function>(
                duckdb::LogicalType::DECIMAL(kDigitsMax, scale), result);
  return Settled(name, std::move(function));
}

Wide WideOf(duckdb::hugeint_t value);
duckdb::hugeint_t HugeOf(Wide value);

/// A function that becomes another expression when it is bound, of `arguments` values of any type.
duckdb::ScalarFunction Rewrite(const char* name, std::size_t arguments, duckdb::function_bind_expression_t make);

}  // namespace smelt::engine::postgres
