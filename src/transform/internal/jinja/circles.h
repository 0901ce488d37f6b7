#pragma once

#include "base/error.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

/// Refuses to put `added` into `container` (a list, dict or object) when it holds the container already, directly or
/// through others: values are counted references, and a circle of them would never be freed.
/// Errors: kJinjaType; kJinjaLimit when `added` is too deep or too large to tell.
Status RefuseCircle(const Value& container, const Value& added);

/// Refuses a value in which containers lie too deep in one another: freeing it would need a stack as deep.
/// Errors: kJinjaLimit.
Status RefuseDepth(const Value& value);

}  // namespace smelt::transform::jinja
