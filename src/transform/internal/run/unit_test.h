#pragma once

#include <string>

#include "base/error.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {

/// What a unit test found.
struct UnitTestVerdict {
  std::string difference;  ///< between what the model made and what was expected, as a table; empty: there is none
};

/// Runs a unit test: its model's SQL over the rows that it gives, beside the rows that it expects. The SQL is kept in
/// `run.compiled` and where people look for it; no table is written.
/// Errors: kJinja…, kDbt…, kSql….
Result<UnitTestVerdict> RunUnitTest(NodeRun& run);

}  // namespace smelt::transform
