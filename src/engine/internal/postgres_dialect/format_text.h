#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine::postgres {

/// Registers `format@`: PostgreSQL's format(pattern, values …) with %s, %I, %L and %%, positions (%1$s) and widths
/// (%-10s), where the engine's own knows braces.
void RegisterFormatText(duckdb::ExtensionLoader& loader);

}  // namespace smelt::engine::postgres
