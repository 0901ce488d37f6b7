#pragma once

#include <cstdint>

#include "base/json.h"
#include "delta/transaction.h"

namespace smelt::engine {

/// How many rows the statements of a transaction handed to one table.
struct RowCounts {
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;
  std::int64_t copied = 0;       ///< from rewritten files, unchanged
  std::int64_t quarantined = 0;  ///< in quarantine instead of in the table
  std::int64_t taken_out = 0;    ///< those of `quarantined` that are among `inserted` and `updated`
};

/// commitInfo.operationMetrics of a proposal, in the names that Spark has for its operation; numQuarantinedRows is our
/// own, and rows that it counts are not among those of the other metrics' output.
Json OperationMetrics(const delta::Proposal& proposal, const RowCounts& rows);

}  // namespace smelt::engine
