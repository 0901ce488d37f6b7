#pragma once

#include <string>

#include "engine/internal/duck.h"

namespace smelt::engine {

/// Runs a query to its result; errors are in it. DuckDB's own loop keeps asking while other threads work on the query's
/// last tasks, which takes the core from whoever has work to do: this one lets go of it.
duckdb::unique_ptr<duckdb::QueryResult> Await(duckdb::PendingQueryResult& pending);

/// Runs one statement of the engine's own in the same way; all its rows are in the result.
duckdb::unique_ptr<duckdb::MaterializedQueryResult> AwaitQuery(duckdb::Connection& connection, const std::string& sql);

}  // namespace smelt::engine
