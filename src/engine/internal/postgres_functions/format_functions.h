#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine::postgres {

/// Registers to_char, to_date, to_timestamp and to_number of a format. A format that is constant is read once.
void RegisterFormatFunctions(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine::postgres
