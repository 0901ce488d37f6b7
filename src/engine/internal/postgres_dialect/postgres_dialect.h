#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine {

/// Registers the functions that statements of PostgreSQL's dialect call.
void RegisterPostgresDialect(duckdb::DatabaseInstance& db);

/// Gives a statement the meaning that it has for PostgreSQL, where the engine's is another: operators, functions and
/// casts of its tree become the dialect's own. Views that it reads keep theirs; what it makes a view of stays as it is,
/// since that is read at every door.
void RewriteForPostgres(duckdb::SQLStatement& statement);

}  // namespace smelt::engine
