#include "delta/vacuum_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "base/parallel.h"
#include "delta/data_files.h"
#include "delta/deletion_vector.h"
#include "delta/features.h"
#include "delta/internal/log_listing.h"
#include "delta/internal/table_properties.h"

namespace smelt::delta {
namespace {

constexpr std::size_t kStoreCallsMax = 16;
constexpr double kMsPerHour = 3'600'000.0;

using Keys = std::unordered_set<std::string>;

Status CheckRetention(const VacuumPlan& plan, const VacuumOptions& options) {
  if (!options.retention_check || plan.retention_ms >= plan.table_retention_ms) return {};
  return Fail(
      Error(
          ErrorCode::kDeltaRetention,
          fmt::format("keeping removed files for {:g} hours only is less than the table's {:g}: versions that readers "
                      "may still use would lose files, and so would writers that have not committed yet",
                      static_cast<double>(plan.retention_ms) / kMsPerHour,
                      static_cast<double>(plan.table_retention_ms) / kMsPerHour))
          .Hint("set delta.deletedFileRetentionDuration, or switch the check off (retention_check => false, --force) "
                "when nobody else uses the table"));
}

Status Insert(const Log& log, std::string_view path, Keys& keys) {
  SMELT_ASSIGN(std::optional<std::string> key, KeyOfFile(log, path));
  if (key) keys.insert(*std::move(key));
  return {};
}

/// The same for a data file with the file of its deletion vector, which others may share.
Status InsertBoth(const Log& log, std::string_view path, const std::optional<DeletionVector>& vector, Keys& keys) {
  SMELT_TRY(Insert(log, path, keys));
  if (!vector) return {};
  SMELT_ASSIGN(const std::optional<std::string> file, PathOfVector(*vector));
  return file ? Insert(log, *file, keys) : Status();
}

/// Which files the log speaks of: those that are needed, and those whose removal is older than the retention.
struct FilesInLog {
  Keys kept;
  Keys expired;
};

/// Sorts one removed file. A removal without a time is as old as can be.
Status InsertRemoved(const Log& log, const Remove& remove, std::int64_t cutoff_ms, FilesInLog& files) {
  const bool is_expired = remove.deletion_timestamp_ms.value_or(0) <= cutoff_ms;
  return InsertBoth(log, remove.path, remove.deletion_vector, is_expired ? files.expired : files.kept);
}

/// Adds what the commit files say: checkpoints forget removals after the table's retention, and change data is only
/// ever named by its commit.
Status InsertFromCommits(const Log& log, std::int64_t cutoff_ms, FilesInLog& files) {
  SMELT_ASSIGN(const LogListing listing, ListLog(log));
  std::mutex lock;
  return ForEachParallel(listing.commits.size(), kStoreCallsMax, [&](std::size_t i) -> Status {
    const CommitFile& commit = listing.commits[i];
    SMELT_ASSIGN(const std::vector<Action> actions, log.ReadCommit(commit.version));
    const std::lock_guard guard(lock);
    for (const Action& action : actions) {
      if (const auto* remove = std::get_if<Remove>(&action)) {
        SMELT_TRY(InsertRemoved(log, *remove, cutoff_ms, files));
      } else if (const auto* change = std::get_if<Cdc>(&action); change != nullptr && commit.modified_ms > cutoff_ms) {
        SMELT_TRY(Insert(log, change->path, files.kept));
      }
    }
    return {};
  });
}

Result<FilesInLog> CollectFilesInLog(const Log& log, const Snapshot& snapshot, std::int64_t cutoff_ms,
                                     bool needs_commits) {
  FilesInLog files;
  for (const auto& add : snapshot.files()) SMELT_TRY(InsertBoth(log, add->path, add->deletion_vector, files.kept));
  for (const auto& tombstone : snapshot.tombstones()) SMELT_TRY(InsertRemoved(log, *tombstone, cutoff_ms, files));
  if (needs_commits) SMELT_TRY(InsertFromCommits(log, cutoff_ms, files));
  // A path may have been removed, added and removed again.
  for (const std::string& key : files.kept) files.expired.erase(key);
  return files;
}

std::string FolderOf(const std::string& key) {
  const std::size_t slash = key.rfind('/');
  return slash == std::string::npos ? "" : key.substr(0, slash);
}

/// Everything in the folder that is old and that no kept version needs.
Status PlanByListing(const Log& log, const Snapshot& snapshot, const FilesInLog& files, std::int64_t cutoff_ms,
                     VacuumPlan& plan) {
  SMELT_ASSIGN(std::vector<storage::ObjectInfo> objects, ListDataFiles(log, snapshot.metadata()));
  std::unordered_set<std::string> folders;       // that lose a file
  std::unordered_set<std::string> kept_folders;  // that keep one, with those around them
  for (storage::ObjectInfo& object : objects) {
    std::string folder = FolderOf(object.key);
    const bool is_kept = object.modified_ms > cutoff_ms || files.kept.contains(object.key);
    if (!is_kept) {
      folders.insert(std::move(folder));
      plan.files.push_back(std::move(object));
      continue;
    }
    while (folder.size() > log.folder().size() && kept_folders.insert(folder).second) folder = FolderOf(folder);
  }
  for (const std::string& folder : folders) {
    if (folder != log.folder() && !kept_folders.contains(folder)) plan.folders.push_back(folder);
  }
  std::ranges::sort(plan.folders);
  return {};
}

/// What the log says was removed before the retention, if it is still there.
Status PlanByLog(const Log& log, const FilesInLog& files, VacuumPlan& plan) {
  const std::string folder = log.Key("");
  std::vector<std::string> keys;
  std::ranges::copy_if(files.expired, std::back_inserter(keys),
                       [&](const std::string& key) { return key.starts_with(folder); });
  std::mutex lock;
  SMELT_TRY(ForEachParallel(keys.size(), kStoreCallsMax, [&](std::size_t i) -> Status {
    SMELT_ASSIGN(std::optional<storage::ObjectInfo> object, log.store().Head(keys[i]));
    const std::lock_guard guard(lock);
    if (object) {
      object->key = keys[i];
      plan.files.push_back(*std::move(object));
    }
    return {};
  }));
  std::ranges::sort(plan.files, {}, &storage::ObjectInfo::key);
  return {};
}

}  // namespace

std::int64_t VacuumPlan::bytes() const {
  std::int64_t sum = 0;
  for (const storage::ObjectInfo& file : files) sum += file.bytes;
  return sum;
}

Result<VacuumPlan> PlanVacuum(const Log& log, const Snapshot& snapshot, const VacuumOptions& options,
                              std::int64_t now_ms) {
  SMELT_TRY(CheckWritable(snapshot.protocol(), snapshot.metadata()));
  VacuumPlan plan;
  plan.table_retention_ms = TombstoneRetentionMs(snapshot.metadata());
  plan.retention_ms = options.retention_ms.value_or(plan.table_retention_ms);
  SMELT_TRY(CheckRetention(plan, options));
  const std::int64_t cutoff_ms = now_ms - plan.retention_ms;
  const bool needs_commits =
      options.lite || plan.retention_ms > plan.table_retention_ms || HasFeature(snapshot.protocol(), "changeDataFeed");
  SMELT_ASSIGN(const FilesInLog files, CollectFilesInLog(log, snapshot, cutoff_ms, needs_commits));
  if (options.lite) {
    SMELT_TRY(PlanByLog(log, files, plan));
  } else {
    SMELT_TRY(PlanByListing(log, snapshot, files, cutoff_ms, plan));
  }
  return plan;
}

Proposal VacuumStartProposal(SnapshotPtr base, const VacuumPlan& plan, const VacuumOptions& options) {
  Proposal proposal;
  proposal.base = std::move(base);
  proposal.may_be_empty = true;
  proposal.operation = "VACUUM START";
  proposal.operation_parameters = {{"retentionCheckEnabled", options.retention_check},
                                   {"defaultRetentionMillis", plan.table_retention_ms}};
  if (options.retention_ms) proposal.operation_parameters["specifiedRetentionMillis"] = *options.retention_ms;
  proposal.operation_metrics = {{"numFilesToDelete", plan.files.size()}, {"sizeOfDataToDelete", plan.bytes()}};
  return proposal;
}

Proposal VacuumEndProposal(SnapshotPtr base, std::int64_t files_deleted, std::int64_t folders_vacuumed,
                           bool completed) {
  Proposal proposal;
  proposal.base = std::move(base);
  proposal.may_be_empty = true;
  proposal.operation = "VACUUM END";
  proposal.operation_parameters = {{"status", completed ? "COMPLETED" : "FAILED"}};
  proposal.operation_metrics = {{"numDeletedFiles", files_deleted}, {"numVacuumedDirectories", folders_vacuumed}};
  return proposal;
}

}  // namespace smelt::delta
