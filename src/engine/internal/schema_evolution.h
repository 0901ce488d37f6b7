#pragma once

#include <string>
#include <vector>

#include "engine/internal/duck.h"

/// Schema evolution: a statement that brings columns which its table does not have adds them, where the session asks
/// for that with the setting smelt_schema_evolution.
namespace smelt::engine {

void RegisterSchemaEvolution(duckdb::DatabaseInstance& db);

/// The ALTER statements that must come before an INSERT or MERGE INTO: columns and fields of structs that the source
/// has and the table lacks are added, types are widened where the table allows it and no value changes its kind. None
/// when the session did not ask, for other statements, for tables outside of the lake, and where the source cannot be
/// bound, which the statement itself tells best.
std::vector<std::string> PlanEvolution(duckdb::Connection& connection, const duckdb::SQLStatement& statement);

}  // namespace smelt::engine
