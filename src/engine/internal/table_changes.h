#pragma once

#include <memory>

#include "engine/internal/lake.h"

namespace smelt::engine {

/// The table function table_changes('schema.table' or path, from [, to]): the rows that the versions `from` … `to`
/// (both included; the newest by default) inserted, deleted or updated, with _change_type, _commit_version and
/// _commit_timestamp.
duckdb::TableFunctionSet MakeChangesFunction(std::shared_ptr<Lake> lake);

}  // namespace smelt::engine
