#pragma once

#include <string>
#include <vector>

#include "engine/internal/table_definition.h"

/// Changes of a table's columns that leave its files as they are. Columns are named by their path: the column, then the
/// fields within it.
namespace smelt::engine {

using ColumnPath = std::vector<std::string>;

/// Errors: kSqlBinding (no such column), kDeltaInvalidTable (the name is taken, rules of the table need the column),
/// kDeltaUnsupported (the table's columns are not mapped).
Status RenameColumn(TableDefinition& definition, const ColumnPath& path, const std::string& name);
Status DropColumn(TableDefinition& definition, const ColumnPath& path);
/// Adds a field to the struct that the path, its last part left out, leads to.
Status AddField(TableDefinition& definition, const ColumnPath& path, const duckdb::LogicalType& type);

/// Whether there is such a column or field.
Result<bool> HasColumn(const TableDefinition& definition, const ColumnPath& path);

/// Widens the type of a column ("Type Widening" of the protocol); does nothing when it has the type already.
/// Errors: those of RenameColumn, kDeltaUnsupported (the new type does not hold all values of the old one).
Status WidenColumn(TableDefinition& definition, const std::string& column, const duckdb::LogicalType& type);

}  // namespace smelt::engine
