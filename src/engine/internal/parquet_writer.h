#pragma once

#include <string>

#include "engine/internal/duck.h"
#include "engine/internal/table_state.h"

namespace smelt::engine {

/// Plans a Parquet writer into a table's folder; one row per written file comes out (the return type
/// WRITTEN_FILE_STATISTICS, read by FileFromReport). Makes local folders. With `ordered`, rows keep the plan's order.
/// `shape` has the columns under their names in files. The caller sinks chunks with these columns and sets the file
/// names (MarkedFileNames) before the writer starts. With partition columns the plan is not to be run, but to be handed
/// to PartitionWriter.
duckdb::PhysicalCopyToFile& PlanParquetWriter(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner,
                                              const std::string& folder_address, const TableShape& shape, bool ordered);

/// Makes a local folder with those around it; does nothing for the addresses of object stores. Throws.
void MakeFolder(const std::string& address);

/// Names for the files of one write: unique, in order of time, each with `mark` in it.
duckdb::FilenamePattern MarkedFileNames(const std::string& mark);

/// The format of COPY statements that write such rows, as smelt's own writer has them or DuckDB's does.
std::string ParquetFormat(const TableShape& shape);

/// The same writer settings as options of a COPY statement.
std::string ParquetCopyOptions(const TableShape& shape);

}  // namespace smelt::engine
