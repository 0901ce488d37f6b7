#pragma once

#include <memory>
#include <vector>

#include "delta/snapshot.h"
#include "delta/transaction.h"
#include "storage/object_store.h"

/// FSCK: whether a table's log and its folder agree.
namespace smelt::delta {

struct FileCheck {
  std::vector<std::shared_ptr<const Add>> missing;  ///< live, but not there: queries that need them fail
  std::vector<storage::ObjectInfo> orphans;         ///< there, but neither live nor remembered as removed
};

/// Compares the live files with what the store holds. Orphans may belong to a writer that has not committed yet.
/// Errors: kDeltaCorrupt, kStore….
Result<FileCheck> CheckFiles(const Log& log, const Snapshot& snapshot);

/// The commit that takes the missing files out of the table. Their rows are lost, which it does not hide: dataChange is
/// true.
Proposal RepairProposal(SnapshotPtr base, const FileCheck& check);

}  // namespace smelt::delta
