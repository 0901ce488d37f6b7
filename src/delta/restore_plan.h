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

/// Whether a proposal would take rows out of a table that takes appends only, which nobody may commit.
bool TakesRowsOfAppendOnly(const Proposal& proposal);

/// The current protocol with all features that a state with the protocol `target` needs.
Protocol WithFeaturesOf(const Protocol& current, const Protocol& target);

}  // namespace smelt::delta
