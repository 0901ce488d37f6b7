#include "engine/internal/operation_metrics.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace smelt::engine {
namespace {

/// What a commit does to files. A file that only gets another deletion vector is neither added nor removed.
struct FileCounts {
  std::int64_t added = 0, added_bytes = 0;
  std::int64_t removed = 0, removed_bytes = 0;
  std::int64_t vectors_added = 0, vectors_updated = 0, vectors_removed = 0;
};

FileCounts CountFiles(const delta::Proposal& proposal) {
  FileCounts counts;
  std::map<std::string_view, const delta::Remove*> removes;
  for (const delta::Remove& remove : proposal.removes) removes.emplace(remove.path, &remove);
  for (const delta::Add& add : proposal.adds) {
    const auto before = removes.find(add.path);
    if (before == removes.end()) {
      ++counts.added;
      counts.added_bytes += add.size_bytes;
      continue;
    }
    if (add.deletion_vector) ++(before->second->deletion_vector ? counts.vectors_updated : counts.vectors_added);
    removes.erase(before);
  }
  for (const auto& [path, remove] : removes) {
    ++counts.removed;
    counts.removed_bytes += remove->size_bytes.value_or(0);
    if (remove->deletion_vector) ++counts.vectors_removed;
  }
  return counts;
}

Json WriteMetrics(const FileCounts& files, const RowCounts& rows) {
  return {{"numFiles", files.added},
          {"numOutputRows", rows.inserted - rows.taken_out},
          {"numOutputBytes", files.added_bytes}};
}

Json ChangeMetrics(const FileCounts& files, const RowCounts& rows) {
  return {{"numAddedFiles", files.added},
          {"numAddedBytes", files.added_bytes},
          {"numRemovedFiles", files.removed},
          {"numRemovedBytes", files.removed_bytes},
          {"numCopiedRows", rows.copied},
          {"numDeletionVectorsAdded", files.vectors_added},
          {"numDeletionVectorsUpdated", files.vectors_updated},
          {"numDeletionVectorsRemoved", files.vectors_removed}};
}

Json MergeMetrics(const FileCounts& files, const RowCounts& rows) {
  return {{"numTargetRowsInserted", rows.inserted},
          {"numTargetRowsUpdated", rows.updated},
          {"numTargetRowsDeleted", rows.deleted},
          {"numTargetRowsCopied", rows.copied},
          {"numOutputRows", rows.inserted + rows.updated + rows.copied - rows.taken_out},
          {"numTargetFilesAdded", files.added},
          {"numTargetBytesAdded", files.added_bytes},
          {"numTargetFilesRemoved", files.removed},
          {"numTargetBytesRemoved", files.removed_bytes},
          {"numTargetDeletionVectorsAdded", files.vectors_added},
          {"numTargetDeletionVectorsUpdated", files.vectors_updated},
          {"numTargetDeletionVectorsRemoved", files.vectors_removed}};
}

Json MetricsOfOperation(const delta::Proposal& proposal, const RowCounts& rows) {
  const FileCounts files = CountFiles(proposal);
  if (proposal.operation == "MERGE") return MergeMetrics(files, rows);
  if (proposal.operation == "DELETE" || proposal.operation == "UPDATE") {
    Json metrics = ChangeMetrics(files, rows);
    const bool is_update = proposal.operation == "UPDATE";
    metrics[is_update ? "numUpdatedRows" : "numDeletedRows"] = is_update ? rows.updated : rows.deleted;
    return metrics;
  }
  return WriteMetrics(files, rows);
}

}  // namespace

Json OperationMetrics(const delta::Proposal& proposal, const RowCounts& rows) {
  Json metrics = Json::object();
  if (!proposal.adds.empty() || !proposal.removes.empty()) metrics = MetricsOfOperation(proposal, rows);
  if (rows.quarantined > 0) metrics["numQuarantinedRows"] = rows.quarantined;
  return metrics;
}

}  // namespace smelt::engine
