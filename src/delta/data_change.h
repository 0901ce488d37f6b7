#pragma once

#include "base/error.h"
#include "delta/snapshot.h"

namespace smelt::delta {

/// The newest version at or before the snapshot's that changed what a query of the table can answer: its rows, its
/// definition or its protocol. Maintenance (OPTIMIZE, VACUUM, records, marks of applications) does not. Commits are
/// read from the newest backwards; where they end, or after 1,000 of them, the version reached is the answer,
/// which is then later than the true one, never earlier. Errors: kDeltaCorrupt, kStore….
Result<Version> LastDataChange(const Log& log, const Snapshot& snapshot);

}  // namespace smelt::delta
