#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine {

/// Has the writer of a partitioned table remember which files it has open, so that CloseFiles knows them.
void RememberFiles(duckdb::ClientContext& context, duckdb::CopyFunction& function);

/// To be called before such a writer, known by its bind data, opens the first file: forgets those of another writer
/// that stopped halfway and lay at the same place.
void ForgetFiles(duckdb::ClientContext& context, const duckdb::FunctionData& writer);

/// Writes the rest of all files that the writer still has open, side by side, and closes them; by itself, DuckDB would
/// do so one after the other. Nobody may write to them meanwhile or afterwards. Throws the errors of the writer.
void CloseFiles(duckdb::ClientContext& context, duckdb::FunctionData& writer);

}  // namespace smelt::engine
