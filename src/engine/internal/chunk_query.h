#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "engine/internal/duck.h"

namespace smelt::engine {

/// Takes a part of a result; what it does not copy is gone when it returns.
using TakeChunk = std::function<Status(duckdb::DataChunk&)>;

/// Runs a query and gives the parts of its result to `take`, in their order, one at a time and on whatever thread: as
/// they leave the query's last operator, neither copied nor kept. Stops at the first error of `take`, which comes back.
/// The connection serves for nothing else meanwhile. Errors: those of the query and of `take`.
Status RunChunkQuery(duckdb::Connection& connection, const std::string& query, const TakeChunk& take);

}  // namespace smelt::engine
