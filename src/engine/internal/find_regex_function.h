#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine {

/// Registers kFindRegexFunction (engine/ascii_regex.h).
void RegisterFindRegexFunction(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine
