#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "delta/actions.h"
#include "delta/checkpoint_format.h"
#include "delta/schema.h"
#include "storage/object_store.h"

namespace smelt::delta {

/// What a snapshot's files amount to.
struct Totals {
  std::int64_t bytes = 0;
  std::int64_t deletion_vectors = 0;
  std::int64_t deleted_rows = 0;  ///< by deletion vectors
};

/// The state of a table at one version: "Action Reconciliation" of the protocol. Immutable, shared by many readers.
class Snapshot {
 public:
  Version version() const { return version_; }
  const Protocol& protocol() const { return protocol_; }
  const Metadata& metadata() const { return metadata_; }
  const Schema& schema() const { return schema_; }
  /// The live files, in the order of their first addition. Positions identify files within this snapshot.
  const std::vector<std::shared_ptr<const Add>>& files() const { return files_; }
  const Totals& totals() const { return totals_; }
  const std::map<std::string, Txn>& txns() const { return txns_; }
  const std::map<std::string, DomainMetadata>& domains() const { return domains_; }
  /// Files removed at or before this version whose tombstones are kept (for checkpoints and vacuum).
  const std::vector<std::shared_ptr<const Remove>>& tombstones() const { return tombstones_; }
  /// When this version was committed: inCommitTimestamp if the table has it, else the log file's time; for a version
  /// that was added to an earlier snapshot without a listing, the time that its writer recorded.
  std::int64_t timestamp_ms() const { return timestamp_ms_; }
  /// The version of the checkpoint the replay began from, -1 when there was none.
  Version checkpoint_version() const { return checkpoint_version_; }
  /// ContentHash of this version's commit file, by which a table that was dropped and made anew is told from the old
  /// one. Empty when the file is gone.
  const std::string& commit_hash() const { return commit_hash_; }
  /// The store's Stamp of that file when it was last found to have this hash, empty for none.
  std::string commit_stamp() const {
    const auto stamp = commit_stamp_.load();
    return stamp ? *stamp : std::string();
  }
  /// Remembers such a stamp. Thread-safe; nothing else of a snapshot ever changes.
  void NoteCommitStamp(std::string stamp) const {
    commit_stamp_.store(std::make_shared<const std::string>(std::move(stamp)));
  }

 private:
  friend class SnapshotBuilder;
  Version version_;
  Protocol protocol_;
  Metadata metadata_;
  Schema schema_;
  std::vector<std::shared_ptr<const Add>> files_;
  std::vector<std::shared_ptr<const Remove>> tombstones_;
  Totals totals_;
  std::map<std::string, Txn> txns_;
  std::map<std::string, DomainMetadata> domains_;
  std::int64_t timestamp_ms_ = 0;
  Version checkpoint_version_;
  std::string commit_hash_;
  mutable std::atomic<std::shared_ptr<const std::string>> commit_stamp_;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

/// One line of a table's history.
struct HistoryEntry {
  Version version;
  std::int64_t timestamp_ms = 0;
  Json commit_info;                                 ///< null when the commit has none
  std::int64_t files_added = 0, files_removed = 0;  ///< a file with another deletion vector is both
  std::int64_t rows_added = 0;                      ///< rows in added files, copies included
};

/// The log of one table. Thread-safe; holds no state but its references.
class Log {
 public:
  /// `folder` is the table's folder within the store, "" for the root. Both references outlive the Log.
  Log(storage::ObjectStore& store, std::string folder, CheckpointFormat& checkpoints);

  /// The newest version, or nothing when no table exists here. Errors: kStoreDenied, kStoreIo.
  Result<std::optional<Version>> LatestVersion() const;

  /// Loads the newest snapshot. When `known` is an earlier snapshot of this table, only later commits are read; the
  /// same pointer comes back when there are none.
  /// Errors: kDeltaNotATable, kDeltaCorrupt (a gap, no metadata, a damaged file), kDeltaUnsupported, kStore….
  Result<SnapshotPtr> Latest(SnapshotPtr known = nullptr) const;
  /// Loads the snapshot of one version. Errors: as Latest, and kDeltaVersionMissing naming the available range.
  Result<SnapshotPtr> At(Version version) const;
  /// The last version committed at or before the time. Errors: kDeltaVersionMissing when it is before the first or
  /// after the last commit (as Delta demands; the message gives the range).
  Result<Version> VersionAt(std::int64_t timestamp_ms) const;

  /// The newest `limit` commits, newest first (0: all whose files still exist).
  Result<std::vector<HistoryEntry>> History(std::int64_t limit = 0) const;

  /// The actions of one commit file. Errors: kStoreNotFound, kDeltaCorrupt.
  Result<std::vector<Action>> ReadCommit(Version version) const;

  storage::ObjectStore& store() const { return store_; }
  CheckpointFormat& checkpoints() const { return checkpoints_; }
  const std::string& folder() const { return folder_; }
  /// The store key of a commit file: "<folder>/_delta_log/00000000000000000007.json".
  std::string CommitKey(Version version) const;
  /// The store key of something within the table's folder.
  std::string Key(std::string_view relative) const;

 private:
  storage::ObjectStore& store_;
  std::string folder_;
  CheckpointFormat& checkpoints_;
};

/// Writes a checkpoint of the snapshot and `_last_checkpoint` ("Checkpoints"): a classic one, or one with a sidecar
/// ("V2 Spec") where the table has the feature and `delta.checkpointPolicy` says v2. Safe at any time and from several
/// processes. Errors: kStore….
Status WriteCheckpoint(const Log& log, const Snapshot& snapshot);

}  // namespace smelt::delta
