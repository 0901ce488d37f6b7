#pragma once

#include "base/error.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {

/// What became of one clone.
struct Cloned {
  std::string message;  ///< why there was nothing to do; empty: it was done
  std::int64_t commits = 0;
};

/// Makes the node's relation from the one of another state (Node::deferred): a table that shares its files, or a view
/// of what is no table there. A relation that is there already stays, unless the run builds anew.
/// Errors: kSql…, kDelta…, kStore….
Result<Cloned> CloneNode(NodeRun& run);

}  // namespace smelt::transform
