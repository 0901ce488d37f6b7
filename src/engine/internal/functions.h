#pragma once

#include <memory>

#include "engine/internal/lake.h"

namespace smelt::engine {

/// The table that a text names: "schema.table", or "table" in the schema main.
TableKey ParseTableName(const std::string& name);

/// The milliseconds of a TIMESTAMP WITH TIME ZONE.
std::int64_t EpochMillis(const duckdb::Value& value);

/// What a table function that is replaced when it is bound has for a scan: it throws.
void NeverScanned(duckdb::ClientContext& context, duckdb::TableFunctionInput& input, duckdb::DataChunk& output);

/// What a table function that is replaced by a query is bound to.
duckdb::unique_ptr<duckdb::TableRef> RowsOfQuery(duckdb::ClientContext& context, const std::string& query);

/// Registers smelt's table functions, those of maintenance.h among them:
///   delta_scan('path' [, version => n | timestamp => '…'])   any Delta table by path
///   table_history('schema.table')                            its commits, newest first
///   table_changes('schema.table' or path, from [, to])       what its versions changed, row by row
///   table_growth, table_additions                            what came to a table after a version (table_growth.h)
///   smelt_rows('name')                                       rows that the session offers (Session::Offer)
///   smelt_lent('handle')                                     internal: a table state lent by Lake::Lend
void RegisterFunctions(duckdb::DatabaseInstance& db, std::shared_ptr<Lake> lake);

}  // namespace smelt::engine
