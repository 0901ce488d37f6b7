#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/clustering.h"
#include "delta/schema.h"
#include "engine/internal/duck.h"
#include "engine/internal/property_defaults.h"

namespace smelt::engine {

struct TableDefinition {
  delta::Protocol protocol;
  delta::Metadata metadata;
  bool is_new = false;  ///< nothing was written under it yet
  /// The columns that the table is to be clustered by from now on; none: no longer. Nothing: as it is.
  std::optional<std::vector<delta::PhysicalPath>> cluster_by;
};

/// Turns CREATE TABLE into the protocol and metadata actions of a new table: column types as Delta stores them, NOT
/// NULL, PARTITIONED BY columns and `properties`. `replaced` is what the table was until then, null when it is new.
/// Errors: kSqlUnsupported (a clause or type that Delta has no place for), kDeltaInvalidTable (a wrong definition).
Result<TableDefinition> DefineTable(const duckdb::CreateTableInfo& info, const PropertyMap& properties,
                                    const delta::Metadata* replaced);

/// Sets table properties, with the features that they turn on; `delta.constraints.<name>` adds a CHECK constraint.
/// Errors: kDeltaInvalidTable, kDeltaUnsupported (a property that smelt does not know).
Status SetProperties(TableDefinition& definition, const PropertyMap& properties);
Status ResetProperties(TableDefinition& definition, const duckdb::case_insensitive_set_t& keys);

/// Clusters the table by `keys`, which must be names of its columns, or of fields of structs, "s.x"; by none: no
/// longer. Errors: kDeltaInvalidTable (a column that is not there, has no order or is named twice; a partitioned
/// table), kSqlUnsupported (an expression).
Status ClusterBy(TableDefinition& definition, const std::vector<const duckdb::ParsedExpression*>& keys);

/// Whether statistics describe the columns that the table is clustered by, which the protocol demands.
/// Errors: kDeltaInvalidTable.
Status CheckDescribed(const TableDefinition& definition, const delta::Schema& schema,
                      const std::vector<delta::PhysicalPath>& columns);

/// Changes one column of a definition and answers with the new schema. Errors: kSqlBinding, those of `change`.
Result<delta::Schema> ChangeField(TableDefinition& definition, const std::string& column,
                                  const std::function<Status(delta::Field&)>& change);

/// Adds a column to a definition. Errors: kDeltaInvalidTable, kSqlUnsupported.
Status AddColumn(TableDefinition& definition, const duckdb::ColumnDefinition& column);

}  // namespace smelt::engine
