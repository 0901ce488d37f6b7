#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/progress.h"

namespace smelt::app {

/// Nodes by how they ended, as dbt counts them.
struct NodeCounts {
  std::int64_t pass = 0, warn = 0, error = 0, skip = 0, noop = 0;
  std::int64_t total() const { return pass + warn + error + skip + noop; }
};

NodeCounts CountStates(const std::vector<StepResult>& steps);

/// The line that scripts look for: "Done. PASS=10 WARN=0 ERROR=0 SKIP=0 NO-OP=1 TOTAL=11".
std::string SummaryLine(const NodeCounts& counts);

}  // namespace smelt::app
