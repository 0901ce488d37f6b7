#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine {

/// The table function smelt_rows('name'): the rows of a RowSource that the session offers.
duckdb::TableFunction MakeRowFunction();

}  // namespace smelt::engine
