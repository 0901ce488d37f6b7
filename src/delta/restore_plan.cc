#include "delta/restore_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "delta/column_mapping.h"
#include "delta/data_files.h"
#include "delta/features.h"
#include "delta/internal/commit_draft.h"
#include "delta/internal/table_properties.h"

namespace smelt::delta {
namespace {

using Files = std::vector<std::shared_ptr<const Add>>;

std::string LogicalFile(const Add& add) {
  return add.deletion_vector ? add.path + "\n" + add.deletion_vector->UniqueId() : add.path;
}

/// The files of `from` that `without` does not have.
Files Difference(const Snapshot& from, const Snapshot& without) {
  std::unordered_set<std::string> known;
  for (const auto& file : without.files()) known.insert(LogicalFile(*file));
  Files rest;
  std::ranges::copy_if(from.files(), std::back_inserter(rest),
                       [&](const auto& file) { return !known.contains(LogicalFile(*file)); });
  return rest;
}

std::int64_t Bytes(const Files& files) {
  std::int64_t sum = 0;
  for (const auto& file : files) sum += file->size_bytes;
  return sum;
}

Status CheckThere(const Log& log, const Snapshot& target, const Files& restored) {
  SMELT_ASSIGN(const Files missing, FindMissingFiles(log, restored));
  if (missing.empty()) return {};
  return Fail(
      Error(ErrorCode::kDeltaFileMissing,
            fmt::format("version {} cannot be restored: {} of its {} files are gone, for instance '{}'",
                        target.version().value, missing.size(), target.files().size(), missing.front()->path))
          .Hint("VACUUM deletes the files of old versions; `smelt table history` shows when it ran. Restore a version "
                "after that"));
}

/// The target's definition. Ids of columns are never given out twice.
Metadata RestoredMetadata(const Metadata& current, const Metadata& target) {
  Metadata metadata = target;
  const std::int64_t last = PropertyInt(current, kColumnMappingMaxIdProperty, 0);
  if (last > PropertyInt(target, kColumnMappingMaxIdProperty, 0)) {
    metadata.configuration[kColumnMappingMaxIdProperty] = std::to_string(last);
  }
  return metadata;
}

}  // namespace

bool TakesRowsOfAppendOnly(const Proposal& proposal) {
  return IsAppendOnly(ProtocolAfter(proposal), MetadataAfter(proposal)) &&
         std::ranges::any_of(proposal.removes, &Remove::data_change);
}

Protocol WithFeaturesOf(const Protocol& current, const Protocol& target) {
  Protocol merged = current;
  for (const Feature& feature : Features()) {
    if (HasFeature(target, feature.name)) EnableFeature(merged, feature.name);
  }
  return merged;
}

Result<Proposal> PlanRestore(const Log& log, const SnapshotPtr& current, const Snapshot& target) {
  SMELT_TRY(CheckWritable(target.protocol(), target.metadata()));
  const Files restored = Difference(target, *current);
  const Files removed = Difference(*current, target);
  SMELT_TRY(CheckThere(log, target, restored));
  Proposal proposal;
  proposal.base = current;
  for (const auto& file : restored) {
    proposal.adds.push_back(*file);
    proposal.adds.back().data_change = true;
  }
  for (const auto& file : removed) proposal.removes.push_back(RemovalOf(*file));
  const Protocol protocol = WithFeaturesOf(current->protocol(), target.protocol());
  if (!(protocol == current->protocol())) proposal.protocol = protocol;
  Metadata metadata = RestoredMetadata(current->metadata(), target.metadata());
  if (!(metadata == current->metadata())) proposal.metadata = std::move(metadata);
  proposal.reads.whole_table = true;
  proposal.operation = "RESTORE";
  proposal.operation_parameters = {{"version", target.version().value}, {"timestamp", nullptr}};
  proposal.operation_metrics = {{"tableSizeAfterRestore", Bytes(target.files())},
                                {"numOfFilesAfterRestore", target.files().size()},
                                {"numRemovedFiles", removed.size()},
                                {"numRestoredFiles", restored.size()},
                                {"removedFilesSize", Bytes(removed)},
                                {"restoredFilesSize", Bytes(restored)}};
  return proposal;
}

}  // namespace smelt::delta
