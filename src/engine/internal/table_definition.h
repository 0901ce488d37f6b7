#pragma once

#include "delta/actions.h"
#include "engine/internal/duck.h"

namespace smelt::engine {

struct TableDefinition {
  delta::Protocol protocol;
  delta::Metadata metadata;
};

/// Turns CREATE TABLE into the protocol and metadata actions of a new table: column types as Delta stores them, NOT
/// NULL, PARTITIONED BY columns and WITH properties.
/// Errors: kSqlUnsupported (a clause or type that Delta has no place for), kDeltaInvalidTable (a wrong definition).
Result<TableDefinition> DefineTable(const duckdb::CreateTableInfo& info);

/// Adds a column to a definition. Errors: kDeltaInvalidTable, kSqlUnsupported.
Status AddColumn(TableDefinition& definition, const duckdb::ColumnDefinition& column);

}  // namespace smelt::engine
