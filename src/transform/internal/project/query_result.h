#pragma once

#include "engine/session.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform {

/// The answer of a query as templates see it: a table as agate has it (value_table.h). Decimals keep their digits,
/// floating numbers are decimals too, dates and times are those of `modules.datetime`; what has no value of its own in
/// templates is text.
jinja::Value MakeQueryResult(const engine::ResultTable& table);

}  // namespace smelt::transform
