#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine::postgres {

/// Registers `sum@` and `avg@`: what these are to PostgreSQL. A sum of smallint and integer is BIGINT, one of real
/// FLOAT, intervals have sums; an average of whole numbers and decimals is a decimal (IsOpenNumeric).
void RegisterAggregates(duckdb::ExtensionLoader& loader);

}  // namespace smelt::engine::postgres
