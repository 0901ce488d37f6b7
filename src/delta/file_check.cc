#include "delta/file_check.h"

#include <string>
#include <unordered_set>
#include <utility>

#include "delta/data_files.h"

namespace smelt::delta {

Result<FileCheck> CheckFiles(const Log& log, const Snapshot& snapshot) {
  FileCheck check;
  SMELT_ASSIGN(check.orphans, ListDataFiles(log, snapshot.metadata()));
  std::unordered_set<std::string> there;
  for (const storage::ObjectInfo& object : check.orphans) there.insert(object.key);
  std::unordered_set<std::string> known;
  std::vector<std::shared_ptr<const Add>> unseen;
  for (const auto& file : snapshot.files()) {
    SMELT_ASSIGN(const std::optional<std::string> key, KeyOfFile(log, file->path));
    if (!key) continue;
    // A file may lie in a folder that the listing leaves out, or in another table's.
    if (!there.contains(*key)) unseen.push_back(file);
    known.insert(*key);
  }
  for (const auto& tombstone : snapshot.tombstones()) {
    SMELT_ASSIGN(const std::optional<std::string> key, KeyOfFile(log, tombstone->path));
    if (key) known.insert(*key);
  }
  SMELT_ASSIGN(check.missing, FindMissingFiles(log, unseen));
  std::erase_if(check.orphans, [&](const storage::ObjectInfo& object) { return known.contains(object.key); });
  return check;
}

Proposal RepairProposal(SnapshotPtr base, const FileCheck& check) {
  Proposal proposal;
  proposal.base = std::move(base);
  std::int64_t bytes = 0;
  for (const auto& file : check.missing) {
    proposal.removes.push_back(RemovalOf(*file));
    bytes += file->size_bytes;
  }
  proposal.operation = "FSCK";
  proposal.operation_parameters = {{"dryRun", false}};
  proposal.operation_metrics = {{"numRemovedFiles", check.missing.size()}, {"removedFilesSize", bytes}};
  return proposal;
}

}  // namespace smelt::delta
