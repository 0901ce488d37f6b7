#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "delta/snapshot.h"
#include "delta/transaction.h"

/// What OPTIMIZE rewrites. The rewriting itself is the engine's.
namespace smelt::delta {

/// The size that the table wants its files to have: `delta.targetFileSize` (bytes, or with a unit as in "128mb"), else
/// 256 MiB.
std::int64_t TargetFileBytes(const Metadata& metadata);

/// Whether writers are to compact the partitions that they wrote to: `delta.autoOptimize.autoCompact` is true or auto.
bool CompactsAutomatically(const Metadata& metadata);

/// Whether writers are to put what a commit adds to a partition into as few files as possible:
/// `delta.autoOptimize.optimizeWrite` is true.
bool OptimizesWrites(const Metadata& metadata);

struct OptimizeOptions {
  std::int64_t target_bytes = 0;
  /// Rewrite all files of a partition together: their rows are to be put into a new order.
  bool cluster = false;
  /// Rewrite every file that has deleted rows, not only those that have many.
  bool purge = false;
  /// Rewrite every file that is looked at, large ones and those alone, too.
  bool rewrite = false;
  /// Rewrite only where at least so many files become one.
  std::int64_t files_min = 1;
  /// Which partitions to look at; null for all.
  std::function<bool(const PartitionValues&)> selects = {};
  /// Which files to look at, as FilesToCluster says; null for all.
  std::function<bool(const Add&)> takes = {};
};

/// Files of one partition that become one file (or several of the target size, when rows are clustered).
struct RewriteGroup {
  PartitionValues partition;
  std::vector<std::shared_ptr<const Add>> files;  ///< in the snapshot's order, so that rows keep theirs
  std::int64_t bytes() const;
};

/// Packs the files below three quarters of the target size, and those of whose rows more than a twentieth is deleted,
/// into groups up to the target size. A file alone in its group stays, unless it has deleted rows to lose.
std::vector<RewriteGroup> PlanOptimize(const Snapshot& snapshot, const OptimizeOptions& options);

/// What the commit of an OPTIMIZE says of how it was called.
struct OptimizeCall {
  std::vector<std::string> predicates = {};
  std::vector<std::string> zorder_columns = {};
  std::vector<std::string> cluster_columns = {};  ///< those of the clustered table
  std::string operation = "OPTIMIZE";
  bool automatic = false;  ///< nobody called: a writer did it after its commit
};

/// The commit that replaces the files of `groups` by `written`. No row changes (dataChange is false throughout), so
/// that appends of others are no conflict, while any other removal of a rewritten file is.
Proposal OptimizeProposal(SnapshotPtr base, const std::vector<RewriteGroup>& groups, std::vector<Add> written,
                          const OptimizeCall& call);

}  // namespace smelt::delta
