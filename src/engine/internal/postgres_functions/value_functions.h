#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine::postgres {

/// Registers functions of single values that no expression over those of DuckDB stands for: encode and decode with a
/// format, quote_ident, num_nulls and num_nonnulls, scale, cardinality of lists, clock_timestamp; and `every`.
void RegisterValueFunctions(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine::postgres
