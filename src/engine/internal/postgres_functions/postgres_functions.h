#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine {

/// Registers functions that PostgreSQL has and DuckDB has not, so that SQL made for PostgreSQL runs: formats of times
/// and numbers, texts, arrays, JSON, ranges. What DuckDB has stays as it is; some get overloads.
/// docs/reference/postgresql-functions.md tells them all.
void RegisterPostgresFunctions(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine
