#pragma once

#include <string>
#include <vector>

#include "delta/clone_plan.h"
#include "delta/snapshot.h"
#include "delta/transaction.h"

/// Promotion: a table takes over the state of a table in another lake. The bringing of files is the engine's.
namespace smelt::delta {

struct PromotionPlan {
  Proposal proposal;                 ///< the difference; empty when the target has the source's state already
  std::vector<FileCopy> copies;      ///< to be there before the commit, under the names that they have at the source
  std::vector<std::string> vectors;  ///< those of `copies`, by key, that are files of deletion vectors
};

/// Plans the commit that makes the newest version `present` of the table of `target_log`, null where there is none,
/// like `source`, a version of the table of `source_log`. It adds and removes exactly the files in which the two
/// differ; marks of applications (txn), metadata, protocol and metadata domains become those of the source. The target
/// keeps its id, and its protocol never loses a feature. Files that the source names by absolute paths get names within
/// the target that follow from their paths. Errors: kDeltaUnsupported (a protocol that smelt does not write, deletion
/// vectors at absolute paths), kDeltaCorrupt.
Result<PromotionPlan> PlanPromotion(const Log& source_log, const Snapshot& source, const Log& target_log,
                                    const SnapshotPtr& present);

/// Whether two states have the same rows: the same files under the same names, with the same deleted rows.
bool HaveSameFiles(const Snapshot& one, const Snapshot& other);

}  // namespace smelt::delta
