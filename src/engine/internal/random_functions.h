#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine {

/// Registers functions for made data. Each is a pure function of its arguments that uses integers only, so that it
/// answers the same on every machine; `salt` tells one series of draws from another, `row` one draw of it from another.
/// `smelt_uniform(salt, row)`, a DOUBLE from 0 to below 1;
/// `smelt_normal(salt, row)`, a DOUBLE of mean 0 and deviation 1, never beyond 4.9;
/// `smelt_pick(uniform, values, weights)`, a value of a constant list of texts or whole numbers, by constant weights;
/// `smelt_id(pattern, number [, day])`, the pattern with `#…` replaced by the number, filled up with zeros, and `{day}`
/// by the day as yyyymmdd;
/// `smelt_digits(salt, row, pattern)`, the pattern with every `#` replaced by a digit and every `%` by one from 1 to 9.
void RegisterRandomFunctions(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine
