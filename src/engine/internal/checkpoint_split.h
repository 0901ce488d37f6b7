#pragma once

#include <string>

#include "delta/checkpoint_format.h"
#include "engine/internal/checkpoint_files.h"
#include "engine/internal/duck.h"
#include "engine/internal/parquet/local_file.h"

namespace smelt::engine {

/// Reads a checkpoint in two parts at once: the statistics, which are most of it and stand in the file as they are to
/// be kept, and all else by a query. A row of one belongs to the row of the same number of the other. `source` is the
/// relation to query, which is that of `file`; `address` names it in errors. Errors: those of RunChunkQuery and
/// CheckpointFileReader.
Status ReadCheckpointInTwo(duckdb::DatabaseInstance& db, const std::string& source, const std::string& address,
                           const std::shared_ptr<const parquet::LocalFile>& file, const FileExpressions& expressions,
                           delta::CheckpointRows& rows);

}  // namespace smelt::engine
