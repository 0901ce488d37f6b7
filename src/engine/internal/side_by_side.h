#pragma once

#include <cstddef>
#include <functional>

#include "engine/internal/duck.h"

namespace smelt::engine {

/// Calls `work(0)` … `work(count - 1)` within a statement, on as many threads as DuckDB has, and returns when all that
/// began have ended. Throws what one of them throws, and when the statement is interrupted; no further call begins
/// then.
void SideBySide(duckdb::ClientContext& context, std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace smelt::engine
