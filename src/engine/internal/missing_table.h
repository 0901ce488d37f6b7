#pragma once

#include "base/error.h"
#include "engine/internal/lake.h"

namespace smelt::engine {

/// Makes `error`, which was read from `data`, more helpful when it says that a table or view does not exist: the
/// nearest ones of the lake take the place of DuckDB's guesses, which are as often tables of its own catalogue. Others
/// stay.
Error SuggestTables(Error error, const duckdb::ErrorData& data, Lake& lake);

}  // namespace smelt::engine
