#pragma once

#include <memory>

#include "engine/internal/lake.h"

namespace smelt::engine {

/// Registers two table functions on what came to a table after a version, up to another one or, without one, to what
/// the session's transaction sees:
///   table_growth('schema.table', from [, to])     one row: whether rows were only added, and how many files; where the
///                                                 table stands by now, also when `from` is -1 for no version
///   table_additions('schema.table', from [, to])  the added rows; an error where more was done than to add rows
void RegisterGrowthFunctions(duckdb::DatabaseInstance& db, std::shared_ptr<Lake> lake);

}  // namespace smelt::engine
