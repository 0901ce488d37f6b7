#pragma once

#include <vector>

#include "base/json.h"

namespace smelt::transform {

/// One freshness configuration out of those that a source and its table give, the later ones over the earlier: by
/// threshold and, within it, by count and period. A null takes away what stands before it; maps that are not there are
/// left out of `layers`. The result has warn_after, error_after and filter, or is null.
Json MergeFreshness(const std::vector<Json>& layers);

}  // namespace smelt::transform
