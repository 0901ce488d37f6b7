#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine::postgres {

/// Registers functions that tell which part of a range a value is in, and those that rearrange intervals:
/// width_bucket, div, date_bin, justify_hours, justify_days, justify_interval.
void RegisterRangeFunctions(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine::postgres
