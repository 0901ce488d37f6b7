#pragma once

#include <string>
#include <string_view>

#include "engine/internal/duck.h"
#include "engine/row_stream.h"

namespace smelt::engine {

/// Prepares one statement. Throws what DuckDB throws; an Error when there is not exactly one.
duckdb::unique_ptr<duckdb::PreparedStatement> PrepareOne(duckdb::Connection& connection, std::string_view sql);

/// The values for a statement's parameters. Throws an Error that names those that are missing, left over or of no use.
duckdb::case_insensitive_map_t<duckdb::BoundParameterData> BindValues(const duckdb::PreparedStatement& statement,
                                                                      const ParameterValues& values);

}  // namespace smelt::engine
