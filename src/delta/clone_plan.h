#pragma once

#include <memory>
#include <string>
#include <vector>

#include "delta/snapshot.h"
#include "delta/transaction.h"

/// CLONE: a new table with the state of another. The copying of a deep clone is the engine's.
namespace smelt::delta {

/// A file of data or deletion vectors that a deep clone copies.
struct FileCopy {
  std::string from;  ///< address
  std::string to;    ///< key in the target's store
};

struct ClonePlan {
  Proposal proposal;             ///< creates the target
  std::vector<FileCopy> copies;  ///< to be there before the commit; none for a shallow clone
};

/// Plans a clone of `source` (a version of the table of `source_log`) as the new table of `target_log`. A shallow clone
/// names the source's files by their absolute paths, and so depends on them: a VACUUM of the source that deletes them
/// breaks it. A deep clone has copies under new names, in
/// folders as the source's, the files of deletion vectors among them. Metadata and protocol are the source's, the id is
/// new. Errors: kDeltaUnsupported, kDeltaCorrupt.
Result<ClonePlan> PlanClone(const Log& source_log, const Snapshot& source, const Log& target_log, bool shallow);

/// Makes the plan's commit the next version of the table that is there already, whose files it removes: readers see
/// either table, and the history stays.
void ReplaceByClone(const SnapshotPtr& present, Proposal& proposal);

}  // namespace smelt::delta
