#pragma once

#include "engine/internal/duck.h"
#include "engine/internal/table_state.h"

namespace smelt::engine {

/// Plans DuckDB's Parquet writer into a table's folder; one row per written file comes out (the return type
/// WRITTEN_FILE_STATISTICS, read by FileFromReport). Makes local folders. With `ordered`, rows keep the plan's order.
/// The caller sinks chunks whose columns are those of `shape`, partition columns included.
duckdb::PhysicalCopyToFile& PlanParquetWriter(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner,
                                              const std::string& folder_address, const TableShape& shape, bool ordered);

/// The same writer settings as options of a COPY statement.
std::string ParquetCopyOptions();

}  // namespace smelt::engine
