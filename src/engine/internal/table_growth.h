#pragma once

#include <memory>

#include "engine/internal/lake.h"

namespace smelt::engine {

/// Registers four table functions on what came to a table after a version, up to another one or, without one, to what
/// the session's transaction sees:
///   table_growth('schema.table', from [, to])     one row: whether rows were only added, and how many files; where the
///                                                 table stands by now, also when `from` is -1 for no version; whether
///                                                 it is defined as it was then
///   table_additions('schema.table', from [, to])  the added rows; an error where more was done than to add rows
///   table_arrivals('schema.table', from [, to])   the rows that are in other files than then, or are back in them,
///   table_departures('schema.table', from [, to]) and those that were there and are not any more: between them what
///                                                 has become of the table, and no more where rows are replaced in
///                                                 deletion vectors, or where `to` is given and the table's change
///                                                 feed has recorded the one change between the versions; errors
///                                                 where the table is defined otherwise
void RegisterGrowthFunctions(duckdb::DatabaseInstance& db, std::shared_ptr<Lake> lake);

}  // namespace smelt::engine
