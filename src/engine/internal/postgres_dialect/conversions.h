#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine::postgres {

/// Registers functions that have the name of one of the engine's and '@' behind it, and mean what PostgreSQL means by
/// that name: types of results, and the text of numbers. `text@` and `double@` are casts: the first is the text that
/// PostgreSQL writes, the second makes double precision of numbers and leaves what is none. `numeric@` casts to the
/// type of its second argument.
void RegisterConversions(duckdb::ExtensionLoader& loader);

}  // namespace smelt::engine::postgres
