#include "delta/optimize_plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/ascii.h"
#include "delta/internal/table_properties.h"
#include "delta/statistics.h"

namespace smelt::delta {
namespace {

constexpr double kDeletedShareMax = 0.05;
constexpr std::int64_t kTargetFileBytesDefault = 256LL << 20;

/// A file with its place in the snapshot.
struct Candidate {
  std::size_t place;
  std::shared_ptr<const Add> file;
};

bool HasManyDeletedRows(const Add& file, bool purge) {
  if (!file.deletion_vector) return false;
  const std::optional<std::int64_t> rows = file.stats.rows();
  if (purge || !rows || *rows == 0) return true;
  return static_cast<double>(file.deletion_vector->cardinality) / static_cast<double>(*rows) > kDeletedShareMax;
}

bool IsCandidate(const Add& file, const OptimizeOptions& options) {
  if (options.takes && !options.takes(file)) return false;
  return options.cluster || options.rewrite || file.size_bytes < options.target_bytes / 4 * 3 ||
         HasManyDeletedRows(file, options.purge);
}

/// Best fit, the largest files first: few groups, none beyond `bytes_max` unless a single file is.
std::vector<std::vector<Candidate>> Pack(std::vector<Candidate> candidates, std::int64_t bytes_max) {
  std::ranges::stable_sort(candidates, std::ranges::greater(), [](const Candidate& c) { return c.file->size_bytes; });
  std::vector<std::vector<Candidate>> groups;
  std::multimap<std::int64_t, std::size_t> room;  // bytes left in a group → the group
  for (Candidate& candidate : candidates) {
    const std::int64_t bytes = candidate.file->size_bytes;
    auto tightest = room.lower_bound(bytes);
    std::size_t group = groups.size();
    std::int64_t left = bytes_max - bytes;
    if (tightest == room.end()) {
      groups.emplace_back();
    } else {
      group = tightest->second;
      left = tightest->first - bytes;
      room.erase(tightest);
    }
    groups[group].push_back(std::move(candidate));
    room.emplace(left, group);
  }
  return groups;
}

RewriteGroup GroupOf(const PartitionValues& partition, std::vector<Candidate> members) {
  std::ranges::sort(members, {}, &Candidate::place);
  RewriteGroup group{partition, {}};
  for (Candidate& member : members) group.files.push_back(std::move(member.file));
  return group;
}

/// The file sizes as Delta's metrics give them.
void AddSizeMetrics(const std::vector<Add>& written, Json& metrics) {
  std::vector<std::int64_t> sizes;
  for (const Add& file : written) sizes.push_back(file.size_bytes);
  std::ranges::sort(sizes);
  const auto quantile = [&](std::size_t quarter) {
    return sizes.empty() ? 0 : sizes[std::min(sizes.size() * quarter / 4, sizes.size() - 1)];
  };
  metrics["minFileSize"] = quantile(0);
  metrics["p25FileSize"] = quantile(1);
  metrics["p50FileSize"] = quantile(2);
  metrics["p75FileSize"] = quantile(3);
  metrics["maxFileSize"] = quantile(4);
}

}  // namespace

std::int64_t TargetFileBytes(const Metadata& metadata) {
  const auto found = metadata.configuration.find("delta.targetFileSize");
  const std::int64_t bytes = found == metadata.configuration.end() ? -1 : ParseBytes(found->second);
  return bytes > 0 ? bytes : kTargetFileBytesDefault;
}

bool CompactsAutomatically(const Metadata& metadata) {
  const auto found = metadata.configuration.find("delta.autoOptimize.autoCompact");
  if (found == metadata.configuration.end()) return false;
  return EqualsIgnoringCase(found->second, "true") || EqualsIgnoringCase(found->second, "auto");
}

bool OptimizesWrites(const Metadata& metadata) {
  return PropertyIsTrue(metadata, "delta.autoOptimize.optimizeWrite");
}

std::int64_t RewriteGroup::bytes() const {
  std::int64_t sum = 0;
  for (const auto& file : files) sum += file->size_bytes;
  return sum;
}

std::vector<RewriteGroup> PlanOptimize(const Snapshot& snapshot, const OptimizeOptions& options) {
  std::map<PartitionValues, std::vector<Candidate>> partitions;
  for (std::size_t place = 0; place < snapshot.files().size(); ++place) {
    const auto& file = snapshot.files()[place];
    if (IsCandidate(*file, options)) partitions[file->partition_values].push_back({place, file});
  }
  std::vector<RewriteGroup> plan;
  for (auto& [partition, candidates] : partitions) {
    if (options.selects && !options.selects(partition)) continue;
    std::vector<std::vector<Candidate>> packed;
    if (options.cluster) {
      packed.push_back(std::move(candidates));
    } else {
      packed = Pack(std::move(candidates), options.target_bytes);
    }
    for (auto& members : packed) {
      const bool has_use = members.size() > 1 || options.cluster || options.rewrite ||
                           HasManyDeletedRows(*members.front().file, options.purge);
      if (has_use && std::ssize(members) >= options.files_min) plan.push_back(GroupOf(partition, std::move(members)));
    }
  }
  return plan;
}

Proposal OptimizeProposal(SnapshotPtr base, const std::vector<RewriteGroup>& groups, std::vector<Add> written,
                          const OptimizeCall& call) {
  Proposal proposal;
  proposal.base = std::move(base);
  std::int64_t removed_bytes = 0;
  std::int64_t vectors = 0;
  for (const RewriteGroup& group : groups) {
    removed_bytes += group.bytes();
    for (const auto& file : group.files) {
      vectors += file->deletion_vector ? 1 : 0;
      proposal.removes.push_back(RemovalOf(*file));
      proposal.removes.back().data_change = false;
    }
  }
  std::int64_t added_bytes = 0;
  for (Add& file : written) {
    file.data_change = false;
    added_bytes += file.size_bytes;
  }
  proposal.operation = call.operation;
  proposal.operation_parameters = {{"predicate", Json(call.predicates)},
                                   {"zOrderBy", Json(call.zorder_columns)},
                                   {"clusterBy", Json(call.cluster_columns)},
                                   {"auto", call.automatic}};
  proposal.operation_metrics = {{"numAddedFiles", written.size()},
                                {"numRemovedFiles", proposal.removes.size()},
                                {"numAddedBytes", added_bytes},
                                {"numRemovedBytes", removed_bytes},
                                {"numDeletionVectorsRemoved", vectors}};
  AddSizeMetrics(written, proposal.operation_metrics);
  proposal.adds = std::move(written);
  return proposal;
}

}  // namespace smelt::delta
