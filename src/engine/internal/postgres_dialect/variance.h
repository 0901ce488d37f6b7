#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine::postgres {

/// Registers `stddev@`, `variance@` and their kin: of whole numbers and decimals they are decimals (IsOpenNumeric),
/// with PostgreSQL's digits. Where sums of squares have more than 38 digits, those of double precision.
void RegisterVariance(duckdb::ExtensionLoader& loader);

}  // namespace smelt::engine::postgres
