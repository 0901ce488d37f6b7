#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine {

/// Registers the aggregate `smelt_quantiles(values, shares)` of DOUBLE or BIGINT values: what quantile_disc answers to
/// a list of shares from 0 to 1, with a memory of the different values where they repeat.
void RegisterQuantileFunction(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine
