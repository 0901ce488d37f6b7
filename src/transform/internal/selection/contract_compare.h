#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// Whether a node promises the same columns, types and constraints as `old`, the node of an earlier manifest. Without
/// enforced contracts there is no promise.
bool SameContract(const Node& node, const Json& old);

/// What readers of the node may trip over, in sentences, since its contract is another; none when it was not enforced.
std::vector<std::string> BreakingChanges(const Node& node, const Json& old);

/// Whether the contract of a node of an earlier manifest was enforced.
bool WasEnforced(const Json& old);

}  // namespace smelt::transform
