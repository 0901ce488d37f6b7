#pragma once

#include "delta/features.h"
#include "engine/internal/duck.h"

namespace smelt::engine {

/// Makes the columns that a data file has look as the table describes them, so that DuckDB can match them by name:
/// mapped columns get the table's names at every level, those that belong to no column of the table get a name that
/// none has. Timestamps get or lose their zone as the table says: files store both alike, in UTC, and a cast would
/// shift them by the session's zone. What else differs (a narrower type, a missing field) is left for DuckDB to cast.
void AdoptColumns(duckdb::vector<duckdb::MultiFileColumnDefinition>& columns, const std::vector<delta::Field>& fields,
                  delta::ColumnMapping mapping);

}  // namespace smelt::engine
