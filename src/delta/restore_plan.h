#pragma once

#include "delta/snapshot.h"
#include "delta/transaction.h"

namespace smelt::delta {

/// What RESTORE changes: the commit that makes the newest version `current` like `target`, an earlier one. Files that
/// the target had and the table has no more come back, later ones go, the metadata becomes that of the target. The
/// protocol never loses a feature; marks of applications (txn) and metadata domains stay as they are. The proposal is
/// empty when there is nothing to change.
/// Errors: kDeltaFileMissing naming the files that are gone (vacuumed), kDeltaUnsupported (the target's protocol or
/// metadata), kDeltaCorrupt, kStore….
Result<Proposal> PlanRestore(const Log& log, const SnapshotPtr& current, const Snapshot& target);

}  // namespace smelt::delta
