#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine {

/// Registers functions of floating-point numbers that cost less than the SQL they stand for:
/// `smelt_present(x)`, which is x, and null for not-a-number;
/// `smelt_within(x, low, high)` of a DOUBLE and constant bounds, which is `x between low and high` for an x that is a
/// number;
/// and those of made data, see RegisterRandomFunctions.
void RegisterNumberFunctions(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine
