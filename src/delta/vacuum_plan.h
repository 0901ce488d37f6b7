#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "delta/snapshot.h"
#include "delta/transaction.h"
#include "storage/object_store.h"

/// What VACUUM may delete. The deleting itself is the engine's.
namespace smelt::delta {

struct VacuumOptions {
  /// How long files are kept after they left the table; nothing for `delta.deletedFileRetentionDuration`.
  std::optional<std::int64_t> retention_ms = {};
  /// Refuse a retention below the table's.
  bool retention_check = true;
  /// Look only at files that the log says were removed, not at the folder: cheap, but blind to what no commit names.
  bool lite = false;
};

struct VacuumPlan {
  std::int64_t retention_ms = 0;
  std::int64_t table_retention_ms = 0;
  std::vector<storage::ObjectInfo> files;  ///< to delete, ascending by key
  std::vector<std::string> folders;        ///< keys of folders that hold nothing else; none when the plan is lite
  std::int64_t bytes() const;
};

/// Finds the files that no version within the retention needs: those that are neither live nor were removed within it
/// (which the log remembers), nor are younger than it, as the files of a writer that has not committed yet are. Hidden
/// files and the log are left alone (ListDataFiles), and so is everything outside of the table's folder.
/// Errors: kDeltaRetention, kDeltaUnsupported (VACUUM must understand all that writers must), kDeltaCorrupt, kStore….
Result<VacuumPlan> PlanVacuum(const Log& log, const Snapshot& snapshot, const VacuumOptions& options,
                              std::int64_t now_ms);

/// The records that a vacuum leaves in the log before and after it deletes.
Proposal VacuumStartProposal(SnapshotPtr base, const VacuumPlan& plan, const VacuumOptions& options);
Proposal VacuumEndProposal(SnapshotPtr base, std::int64_t files_deleted, std::int64_t folders_vacuumed, bool completed);

}  // namespace smelt::delta
