#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine::postgres {

/// Registers functions that are an expression over those that DuckDB has, as macros of the system's catalogue.
void RegisterMacroFunctions(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine::postgres
