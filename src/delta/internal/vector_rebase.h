#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "delta/deletion_vector.h"
#include "delta/transaction.h"

namespace smelt::delta {

/// What became of a proposal that deletes single rows after a competitor's commit deleted others.
struct RebasedVectors {
  std::set<std::string> settled;  ///< files of which the competitor only deleted rows that the proposal does not need
  bool changed = false;           ///< actions of the proposal were replaced
};

/// Row-level conflict resolution by deletion vectors: where `winner` only deleted further rows of a file, and the
/// proposal judges every row by itself (ReadSet::row_by_row) and deletes none of the same rows, the proposal's vector
/// is put on top of the winner's. Vectors that do not fit into the log go to `vectors`, to be written by the caller.
/// A proposal that is not of this kind, or vectors that cannot be read, settle nothing.
RebasedVectors RebaseVectors(const Log& log, Proposal& proposal, const std::vector<Action>& winner,
                             DeletionVectorFile& vectors);

}  // namespace smelt::delta
