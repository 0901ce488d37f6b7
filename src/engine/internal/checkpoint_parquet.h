#pragma once

#include <memory>

#include "delta/checkpoint_format.h"
#include "engine/internal/duck.h"

namespace smelt::engine {

/// Checkpoints read and written with DuckDB's Parquet and JSON readers, on connections of their own.
std::unique_ptr<delta::CheckpointFormat> MakeParquetCheckpoints(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine
