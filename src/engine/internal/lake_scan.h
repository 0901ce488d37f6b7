#pragma once

#include "engine/internal/duck.h"
#include "engine/internal/table_state.h"

namespace smelt::engine {

class LakeTable;

/// An own virtual column: the position of the row's file in TableState::files. With the row's number in the file it
/// identifies a row. (Identifiers of virtual columns start at 2^63.)
inline constexpr duckdb::column_t kFileIdColumn = UINT64_C(10000000000000000000);

/// DuckDB's Parquet scan, told to read one table state: schema, partition values, statistics and deleted rows come
/// from the log. `table` may be null (a scan by path); it must outlive the plan otherwise.
duckdb::TableFunction MakeScanFunction(duckdb::ClientContext& context, TableStatePtr state, LakeTable* table);

/// Binds the function made by MakeScanFunction.
duckdb::unique_ptr<duckdb::FunctionData> BindScan(duckdb::ClientContext& context, duckdb::TableFunction& function,
                                                  duckdb::vector<duckdb::LogicalType>& types,
                                                  duckdb::vector<std::string>& names);

duckdb::virtual_column_map_t ScanVirtualColumns();
duckdb::vector<duckdb::column_t> ScanRowIdColumns();

}  // namespace smelt::engine
