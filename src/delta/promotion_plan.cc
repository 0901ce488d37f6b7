#include "delta/promotion_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/id.h"
#include "delta/clustering.h"
#include "delta/column_mapping.h"
#include "delta/data_files.h"
#include "delta/deletion_vector.h"
#include "delta/features.h"
#include "delta/internal/table_properties.h"
#include "delta/restore_plan.h"
#include "delta/row_tracking.h"

namespace smelt::delta {
namespace {

/// The path that a file of the source has in the target, as in Add.
Result<std::string> PathInTarget(const Add& file) {
  SMELT_ASSIGN(const std::string path, DecodePath(file.path));
  if (!IsAbsolutePath(path)) return file.path;
  return fmt::format("part-{}.parquet", ContentHash(path));
}

bool IsSameFile(const Add& one, const Add& other) {
  return one.deletion_vector == other.deletion_vector;
}

/// What a commit says of a file beside which rows it has.
bool IsSaidAlike(const Add& one, const Add& other) {
  return one.stats == other.stats && one.tags == other.tags && one.base_row_id == other.base_row_id &&
         one.partition_values == other.partition_values && one.clustering_provider == other.clustering_provider;
}

/// Collects what of the source's files the target lacks.
class FilesToBring {
 public:
  FilesToBring(const Log& source, const Log& target, const Snapshot* present) : source_(source), target_(target) {
    if (present == nullptr) return;
    for (const auto& file : present->files()) {
      here_.emplace(file->path, file.get());
      if (file->deletion_vector) NoteVector(*file->deletion_vector);
    }
  }

  Status Take(const Add& file, PromotionPlan& plan) {
    SMELT_ASSIGN(std::string path, PathInTarget(file));
    SMELT_TRY(CheckVector(file));
    const auto here = here_.find(path);
    const bool is_here = here != here_.end();
    const Add* known = is_here ? here->second : nullptr;
    if (is_here) {
      taken_.insert(here->first);
      if (IsSameFile(*known, file) && IsSaidAlike(*known, file)) return {};
    }
    if (!is_here) SMELT_TRY(BringData(file, path, plan));
    if (file.deletion_vector) SMELT_TRY(BringVector(*file.deletion_vector, plan));
    // The same file with other deleted rows is another one to the log.
    if (is_here && !IsSameFile(*known, file)) plan.proposal.removes.push_back(RemovalOf(*known));
    Add& add = plan.proposal.adds.emplace_back(file);
    add.path = std::move(path);
    add.data_change = !is_here || !IsSameFile(*known, file);
    add.default_row_commit_version.reset();  // a version of the source means nothing here
    return {};
  }

  /// Removes what the source does not have.
  void RemoveRest(bool is_append_only, Proposal& proposal) const {
    for (const auto& [path, file] : here_) {
      if (taken_.contains(path)) continue;
      proposal.removes.push_back(RemovalOf(*file));
      // Rows of such a table only ever move between files.
      proposal.removes.back().data_change = !is_append_only;
    }
  }

 private:
  static Status CheckVector(const Add& file) {
    if (!file.deletion_vector || file.deletion_vector->storage_type != "p") return {};
    return Fail(Error(ErrorCode::kDeltaUnsupported,
                      fmt::format("the rows that '{}' lost are noted in a file of another table", file.path))
                    .Hint("the table is a shallow clone: make it independent first, with a clone that is not shallow"));
  }

  void NoteVector(const DeletionVector& vector) {
    const auto path = PathOfVector(vector);
    if (path && *path) vectors_.insert(**path);
  }

  Status BringData(const Add& file, const std::string& path, PromotionPlan& plan) const {
    SMELT_ASSIGN(const std::string from, DecodePath(file.path));
    SMELT_ASSIGN(const std::string to, DecodePath(path));
    plan.copies.push_back({AddressOf(from), target_.Key(to)});
    return {};
  }

  Status BringVector(const DeletionVector& vector, PromotionPlan& plan) {
    SMELT_ASSIGN(const std::optional<std::string> path, PathOfVector(vector));
    if (!path || !vectors_.insert(*path).second) return {};
    SMELT_ASSIGN(const std::string name, DecodePath(*path));
    plan.copies.push_back({AddressOf(name), target_.Key(name)});
    plan.vectors.push_back(plan.copies.back().to);
    return {};
  }

  std::string AddressOf(const std::string& path) const {
    constexpr std::string_view kScheme = "file://";
    if (!IsAbsolutePath(path)) return source_.store().Address(source_.Key(path));
    return path.starts_with(kScheme) ? path.substr(kScheme.size()) : path;
  }

  const Log& source_;
  const Log& target_;
  std::map<std::string_view, const Add*> here_;  ///< files of the target by path
  std::set<std::string_view> taken_;             ///< those of them that the source has, too
  std::set<std::string> vectors_;                ///< files of deletion vectors that are there, or will be
};

/// The source's definition under the target's identity. What says since when the log has times of its own is about the
/// target's log.
Metadata PromotedMetadata(const Metadata& source, const Metadata* present) {
  Metadata metadata = source;
  metadata.id = present != nullptr ? present->id : NewUuid();
  metadata.created_time_ms = present != nullptr ? present->created_time_ms : NowMillis();
  for (const std::string_view key : {kInCommitTimestampVersionProperty, kInCommitTimestampTimeProperty}) {
    metadata.configuration.erase(std::string(key));
    if (present == nullptr) continue;
    const auto own = present->configuration.find(std::string(key));
    if (own != present->configuration.end()) metadata.configuration.insert(*own);
  }
  if (present == nullptr) return metadata;
  // Ids of columns are never given out twice.
  const std::int64_t last = PropertyInt(*present, kColumnMappingMaxIdProperty, 0);
  if (last > PropertyInt(source, kColumnMappingMaxIdProperty, 0)) {
    metadata.configuration[kColumnMappingMaxIdProperty] = std::to_string(last);
  }
  return metadata;
}

/// Marks and domains of the source that the target has not, or has otherwise. How far row ids were given out follows
/// from the files.
void TakeMarks(const Snapshot& source, const Snapshot* present, Proposal& proposal) {
  for (const auto& [app_id, txn] : source.txns()) {
    const bool is_known =
        present != nullptr && present->txns().contains(app_id) && present->txns().at(app_id).version == txn.version;
    if (!is_known) proposal.txns.push_back(txn);
  }
  for (const auto& [name, domain] : source.domains()) {
    if (name == kRowTrackingDomain) continue;
    const bool is_known = present != nullptr && present->domains().contains(name) &&
                          present->domains().at(name).configuration == domain.configuration;
    if (!is_known) proposal.domains.push_back(domain);
  }
  if (present == nullptr) return;
  for (const auto& [name, domain] : present->domains()) {
    if (name == kRowTrackingDomain || source.domains().contains(name)) continue;
    if (name == kClusteringDomain) {
      proposal.domains.push_back(NoClusteringDomain());
    } else {
      proposal.domains.push_back({.domain = name, .configuration = domain.configuration, .removed = true});
    }
  }
}

void DescribePromotion(const Log& source_log, const Snapshot& source, const PromotionPlan& plan, Proposal& proposal) {
  std::int64_t added = 0, removed = 0;
  for (const Add& add : proposal.adds) added += add.size_bytes;
  for (const Remove& remove : proposal.removes) removed += remove.size_bytes.value_or(0);
  proposal.reads.whole_table = true;
  proposal.operation = "CLONE";  // of what there is in Delta, a clone that is brought up to date comes closest
  proposal.operation_parameters = {{"source", source_log.store().Address(source_log.folder())},
                                   {"sourceVersion", source.version().value},
                                   {"isShallow", false}};
  proposal.operation_metrics = {{"sourceTableSize", source.totals().bytes},
                                {"sourceNumOfFiles", source.files().size()},
                                {"numRemovedFiles", proposal.removes.size()},
                                {"numCopiedFiles", plan.copies.size()},
                                {"removedFilesSize", removed},
                                {"copiedFilesSize", added}};
}

}  // namespace

Result<PromotionPlan> PlanPromotion(const Log& source_log, const Snapshot& source, const Log& target_log,
                                    const SnapshotPtr& present) {
  SMELT_TRY(CheckWritable(source.protocol(), source.metadata()));
  PromotionPlan plan;
  Proposal& proposal = plan.proposal;
  proposal.base = present;
  FilesToBring files(source_log, target_log, present.get());
  for (const auto& file : source.files()) SMELT_TRY(files.Take(*file, plan));
  files.RemoveRest(IsAppendOnly(source.protocol(), source.metadata()), proposal);
  const Protocol protocol = present ? WithFeaturesOf(present->protocol(), source.protocol()) : source.protocol();
  if (!present || !(protocol == present->protocol())) proposal.protocol = protocol;
  Metadata metadata = PromotedMetadata(source.metadata(), present ? &present->metadata() : nullptr);
  if (!present || !(metadata == present->metadata())) proposal.metadata = std::move(metadata);
  TakeMarks(source, present.get(), proposal);
  DescribePromotion(source_log, source, plan, proposal);
  return plan;
}

bool HaveSameFiles(const Snapshot& one, const Snapshot& other) {
  if (one.files().size() != other.files().size()) return false;
  std::unordered_map<std::string_view, const Add*> known;
  for (const auto& file : one.files()) known.emplace(file->path, file.get());
  return std::ranges::all_of(other.files(), [&](const auto& file) {
    const auto found = known.find(file->path);
    return found != known.end() && IsSameFile(*found->second, *file);
  });
}

}  // namespace smelt::delta
