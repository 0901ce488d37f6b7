#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine::postgres {

/// Functions that make rows, in a select list and in FROM: json_array_elements, string_to_table … `json_each@` and
/// `unnest_two@`, `unnest_three@` are what json_each and UNNEST of several lists are at the PostgreSQL port.
void RegisterRowFunctions(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine::postgres
