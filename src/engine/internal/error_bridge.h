#pragma once

#include <duckdb/common/error_data.hpp>
#include <utility>

#include "base/error.h"

namespace duckdb {
class Connection;
}  // namespace duckdb

namespace smelt::engine {

/// Throws an Error through DuckDB: code, hint and place travel along and come back out of FromDuckDb.
[[noreturn]] void Throw(const Error& error);

/// The value, or the error thrown through DuckDB. For code that DuckDB calls.
template <typename T>
T Unwrap(Result<T> result) {
  if (!result) Throw(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Converts an error for a DuckDB interface that returns errors.
duckdb::ErrorData ToDuckDb(const Error& error);

/// Converts whatever DuckDB reports; errors of smelt that passed through come back as they were; those
/// that DuckDB shows a place for carry the line within the statements.
Error FromDuckDb(const duckdb::ErrorData& error);

/// Runs a statement that gives no rows. Errors: as DuckDB reports them.
Status RunSql(duckdb::Connection& connection, const std::string& sql);

/// Converts the exception being handled; call only within a catch block.
Error FromCurrentException();

}  // namespace smelt::engine
