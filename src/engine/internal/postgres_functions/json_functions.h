#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine::postgres {

/// Registers PostgreSQL's names of functions that make and take apart JSON, and the aggregates json_agg and
/// json_object_agg. `json` and `jsonb` are one type here: a text without spaces, members in the order that they came
/// in.
void RegisterJsonFunctions(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine::postgres
