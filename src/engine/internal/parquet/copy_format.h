#pragma once

#include "engine/internal/duck.h"

/// Smelt's own writer of data files, as a format of COPY that takes the options compression, row_group_size and
/// field_ids of DuckDB's and encodes about twice as fast (docs/decisions/0027). Rows with nested columns, and the
/// codecs that few tables have, are left to that.
namespace smelt::engine::parquet {

/// The name of the format that writes rows of these types: smelt's own or DuckDB's.
const char* FormatFor(const duckdb::vector<duckdb::LogicalType>& types, const std::string& compression);

void RegisterFormat(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine::parquet
