#include "delta/clone_plan.h"

#include <fmt/format.h>

#include <utility>

#include "base/clock.h"
#include "base/id.h"
#include "delta/data_files.h"
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

/// Deletion vectors in files of their own would have to be copied, or named, with the files they belong to.
Status CheckNoVectorFiles(const Snapshot& source) {
  for (const auto& file : source.files()) {
    if (!file->deletion_vector || file->deletion_vector->storage_type == "i") continue;
    return Fail(Error(ErrorCode::kDeltaUnsupported, "a table whose files have deletion vectors cannot be cloned")
                    .Hint("rewrite them first: call optimize('schema.table', purge => true)"));
  }
  return {};
}

}  // namespace

Result<ClonePlan> PlanClone(const Log& source_log, const Snapshot& source, const Log& target_log, bool shallow) {
  SMELT_TRY(CheckWritable(source.protocol(), source.metadata()));
  SMELT_TRY(CheckNoVectorFiles(source));
  ClonePlan plan;
  Proposal& proposal = plan.proposal;
  proposal.protocol = source.protocol();
  proposal.metadata = source.metadata();
  proposal.metadata->id = NewUuid();
  proposal.metadata->created_time_ms = NowMillis();
  std::int64_t bytes = 0;
  for (const auto& file : source.files()) {
    bytes += file->size_bytes;
    Add& add = proposal.adds.emplace_back(*file);
    add.data_change = true;
    SMELT_ASSIGN(const std::string absolute, AbsolutePath(source_log, file->path));
    if (shallow) {
      add.path = absolute;
      continue;
    }
    SMELT_ASSIGN(const std::string name, NameOfCopy(*file));
    SMELT_ASSIGN(std::string from, DecodePath(absolute));
    add.path = EncodePath(name);
    plan.copies.push_back({file, std::move(from), target_log.Key(name)});
  }
  proposal.operation = "CLONE";
  proposal.operation_parameters = {{"source", source_log.store().Address(source_log.folder())},
                                   {"sourceVersion", source.version().value},
                                   {"isShallow", shallow}};
  proposal.operation_metrics = {{"sourceTableSize", bytes}, {"sourceNumOfFiles", source.files().size()},
                                {"numRemovedFiles", 0},     {"numCopiedFiles", plan.copies.size()},
                                {"removedFilesSize", 0},    {"copiedFilesSize", shallow ? 0 : bytes}};
  return plan;
}

}  // namespace smelt::delta
