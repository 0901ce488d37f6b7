#pragma once

#include <string>

#include "delta/checkpoint_format.h"
#include "engine/internal/checkpoint_files.h"
#include "engine/internal/duck.h"

namespace smelt::engine {

/// Reads a checkpoint with two queries at once: one for the statistics, which are most of it, and one for all else. A
/// row of one belongs to the row of the same number of the other. `source` is the relation to query, `address` names
/// the file in errors. Errors: those of RunChunkQuery and CheckpointFileReader.
Status ReadCheckpointInTwo(duckdb::DatabaseInstance& db, const std::string& source, const std::string& address,
                           const FileExpressions& expressions, delta::CheckpointRows& rows);

}  // namespace smelt::engine
