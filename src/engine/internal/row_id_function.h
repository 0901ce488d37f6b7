#pragma once

#include "engine/internal/lake.h"

namespace smelt::engine {

/// Registers table_row_ids('table' [, version => n]): the rows of a table that tracks them, with the id of each and the
/// version that wrote it last, as "_row_id" and "_row_commit_version"; NULL for what the transaction has not committed.
void RegisterRowIdFunction(duckdb::DatabaseInstance& db, std::shared_ptr<Lake> lake);

}  // namespace smelt::engine
