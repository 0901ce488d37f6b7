#pragma once

#include <functional>

#include "base/error.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

/// Sorts stably by the key of each value (the value itself without `key`), descending when `reverse`.
/// Errors: kJinjaType when two keys have no order; `values` is unchanged then.
Status SortValues(List& values, const std::function<Result<Value>(const Value&)>& key, bool reverse);

}  // namespace smelt::transform::jinja
