#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// The unique ids of all nodes, every node after what it depends on; independent ones in the order of their ids.
/// Errors: kDbtCycle with one cycle, "a → b → a", at the file of its first node.
Result<std::vector<std::string>> OrderNodes(const std::map<std::string, Node>& nodes);

}  // namespace smelt::transform
