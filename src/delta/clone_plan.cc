#include "delta/clone_plan.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/id.h"
#include "delta/clustering.h"
#include "delta/data_files.h"
#include "delta/deletion_vector.h"
#include "delta/features.h"

namespace smelt::delta {
namespace {

/// A new name for a copy, in the same folder within its table as the original has within its own.
Result<std::string> NameOfCopy(const Add& file) {
  SMELT_ASSIGN(const std::string path, DecodePath(file.path));
  const std::size_t slash = path.rfind('/');
  const bool has_folder = !IsAbsolutePath(path) && slash != std::string::npos;
  return fmt::format("{}part-{}.parquet", has_folder ? path.substr(0, slash + 1) : "", NewUuid());
}

/// Lets the vectors of the source be found from the clone: by absolute paths, or in copies.
class VectorsOfClone {
 public:
  VectorsOfClone(const Log& source, const Log& target, bool shallow)
      : source_(source), target_(target), shallow_(shallow) {}

  /// Changes the descriptor of a file; a copy is added to `copies` when it is the first to need it.
  Status Move(std::optional<DeletionVector>& vector, std::vector<FileCopy>& copies) {
    if (!vector) return {};
    SMELT_ASSIGN(const std::optional<std::string> path, PathOfVector(*vector));
    if (!path) return {};
    SMELT_ASSIGN(const std::string absolute, AbsolutePath(source_, *path));
    if (shallow_) {
      vector->storage_type = "p";
      vector->path_or_inline = absolute;
      return {};
    }
    const auto [copy, is_new] = copies_.try_emplace(absolute);
    if (is_new) {
      copy->second = NewVectorFileName();
      SMELT_ASSIGN(std::string from, DecodePath(absolute));
      copies.push_back({std::move(from), target_.Key(copy->second.name)});
    }
    vector->storage_type = "u";
    vector->path_or_inline = copy->second.encoded;
    return {};
  }

 private:
  const Log& source_;
  const Log& target_;
  const bool shallow_;
  std::map<std::string, VectorFileName> copies_;
};

}  // namespace

Result<ClonePlan> PlanClone(const Log& source_log, const Snapshot& source, const Log& target_log, bool shallow) {
  SMELT_TRY(CheckWritable(source.protocol(), source.metadata()));
  ClonePlan plan;
  Proposal& proposal = plan.proposal;
  proposal.protocol = source.protocol();
  proposal.metadata = source.metadata();
  proposal.metadata->id = NewUuid();
  proposal.metadata->created_time_ms = NowMillis();
  // By which columns it is clustered belongs to the table's definition.
  const auto clustering = source.domains().find(kClusteringDomain);
  if (clustering != source.domains().end()) proposal.domains.push_back(clustering->second);
  std::int64_t bytes = 0;
  VectorsOfClone vectors(source_log, target_log, shallow);
  for (const auto& file : source.files()) {
    bytes += file->size_bytes;
    Add& add = proposal.adds.emplace_back(*file);
    add.data_change = true;
    SMELT_TRY(vectors.Move(add.deletion_vector, plan.copies));
    SMELT_ASSIGN(const std::string absolute, AbsolutePath(source_log, file->path));
    if (shallow) {
      add.path = absolute;
      continue;
    }
    SMELT_ASSIGN(const std::string name, NameOfCopy(*file));
    SMELT_ASSIGN(std::string from, DecodePath(absolute));
    add.path = EncodePath(name);
    plan.copies.push_back({std::move(from), target_log.Key(name)});
  }
  proposal.operation = "CLONE";
  proposal.operation_parameters = {{"source", source_log.store().Address(source_log.folder())},
                                   {"sourceVersion", source.version().value},
                                   {"isShallow", shallow}};
  proposal.operation_metrics = {{"sourceTableSize", bytes}, {"sourceNumOfFiles", source.files().size()},
                                {"numRemovedFiles", 0},     {"numCopiedFiles", shallow ? 0 : source.files().size()},
                                {"removedFilesSize", 0},    {"copiedFilesSize", shallow ? 0 : bytes}};
  return plan;
}

void ReplaceByClone(const SnapshotPtr& present, Proposal& proposal) {
  proposal.base = present;
  proposal.reads.whole_table = true;
  if (proposal.protocol == present->protocol()) proposal.protocol.reset();
  std::int64_t bytes = 0;
  for (const auto& file : present->files()) {
    bytes += file->size_bytes;
    proposal.removes.push_back(RemovalOf(*file));
  }
  const bool was_clustered = present->domains().contains(kClusteringDomain);
  if (was_clustered && proposal.domains.empty()) proposal.domains.push_back(NoClusteringDomain());
  proposal.operation_metrics["numRemovedFiles"] = present->files().size();
  proposal.operation_metrics["removedFilesSize"] = bytes;
}

}  // namespace smelt::delta
