#pragma once

#include "engine/internal/duck.h"
#include "engine/statement.h"

/// The engine's types and values as clients of typed results see them.
namespace smelt::engine {

/// The type that a column is cast to before it is handed out; mostly its own.
duckdb::LogicalType PresentedType(const duckdb::LogicalType& type, const TypedOptions& options);

/// What `type`, one that PresentedType gave or might give, is for a client. `original` is what it was cast from.
ValueType Describe(const duckdb::LogicalType& type, const duckdb::LogicalType& original);

/// A value for a parameter. Errors: kSqlRuntime when the text is none of the type.
Result<duckdb::Value> ToDuckDb(const ParameterValue& value);

/// The first `rows` cells of a column that is flat, as clients read them; children are made flat.
TypedColumn View(duckdb::Vector& vector, std::size_t rows);

}  // namespace smelt::engine
