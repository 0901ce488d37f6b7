#pragma once

#include <memory>

#include "engine/internal/lake.h"

namespace smelt::engine {

/// Registers smelt's table functions:
///   delta_scan('path' [, version => n | timestamp => '…'])   any Delta table by path
///   table_history('schema.table')                            its commits, newest first
///   smelt_rows('name')                                       rows that the session offers (Session::Offer)
///   smelt_lent('handle')                                     internal: a table state lent by Lake::Lend
void RegisterFunctions(duckdb::DatabaseInstance& db, std::shared_ptr<Lake> lake);

}  // namespace smelt::engine
