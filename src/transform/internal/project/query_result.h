#pragma once

#include <string>

#include "engine/session.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform {

/// The answer of a query as templates see it: `.rows`, `.columns` and `.column_names`; rows and columns are reached by
/// position or name, a column has a `.name` and `.values()`. Numbers and booleans are such, all else is text.
jinja::Value MakeQueryResult(const engine::ResultTable& table);

/// What `load_result` gives: `.table`, and the bare rows as `.data`.
jinja::Value MakeStatementResult(const engine::ResultTable& table);

}  // namespace smelt::transform
