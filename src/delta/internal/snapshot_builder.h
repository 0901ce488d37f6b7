#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "delta/internal/hash_set.h"
#include "delta/internal/path_sieve.h"
#include "delta/snapshot.h"

namespace smelt::delta {

/// Makes a snapshot from an earlier one (or from nothing) and the actions since: "Action Reconciliation". What it costs
/// depends on the number of new actions, plus one pass over the earlier snapshot's files. Confined to one thread.
class SnapshotBuilder {
 public:
  explicit SnapshotBuilder(SnapshotPtr base = nullptr) : base_(std::move(base)) {}

  /// Says that the following actions are the rows of a checkpoint of `version`.
  void BeginCheckpoint(Version version);
  /// Says that the actions after these are those of commits. The protocol and the metadata are known by then.
  void EndCheckpoint();
  /// Applies the next action of the log.
  void Apply(Action action);
  void Apply(std::shared_ptr<const Add> add);
  void Apply(std::vector<Action> actions);

  /// The protocol and metadata in force after the actions so far; null before the first of its kind.
  const Protocol* protocol() const;
  const Metadata* metadata() const;
  /// A metadata domain after the actions so far; null when there is none. It may be marked as removed.
  const DomainMetadata* domain(const std::string& name) const;

  /// Builds the state after the actions. `commit_hash` is Snapshot::commit_hash. Leaves the builder empty.
  /// Errors: kDeltaCorrupt (no protocol, no metadata, a schema that does not parse), kDeltaUnsupported.
  Result<SnapshotPtr> Build(Version version, std::int64_t timestamp_ms, std::string commit_hash);

 private:
  /// What the new actions say of one logical file. Places are indexes into adds_ and removes_, -1 for none.
  struct FileState {
    std::int64_t add = -1;
    std::int64_t remove = -1;
    bool was_removed = false;  ///< at some moment; a file that comes back is listed as a new one
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  /// While the rows of a checkpoint come, each file but once, nobody looks for one: its hash is all that is kept. False
  /// when it came before, or seems to; then, and where no checkpoint is read, states are kept from here on.
  bool IsFirstOfCheckpoint(const std::string& path, const std::optional<DeletionVector>& vector);
  void KeepStates();
  FileState& StateOf(const std::string& path, const std::optional<DeletionVector>& vector);
  /// What is known of a file; null for nothing. Asked for each file of the earlier snapshot.
  FileState* FindState(const std::string& path, const std::optional<DeletionVector>& vector);
  void ApplyRemove(Remove remove);
  /// Gives the snapshot the files of the earlier one, as far as they are left, and the new ones.
  void MergeFiles(Snapshot& snapshot);
  Status SetSchema(Snapshot& snapshot) const;

  SnapshotPtr base_;
  std::optional<Protocol> protocol_;
  std::optional<Metadata> metadata_;
  std::unordered_map<std::string, FileState, TextHash, std::equal_to<>> files_;
  PathSieve paths_;  ///< of the files in files_
  std::vector<std::shared_ptr<const Add>> adds_;
  std::vector<std::shared_ptr<const Remove>> removes_;
  std::map<std::string, Txn> txns_;
  std::map<std::string, DomainMetadata> domains_;
  std::optional<Version> checkpoint_version_;
  bool keeps_states_ = true;
  HashSet checkpoint_files_;  ///< while no states are kept
};

}  // namespace smelt::delta
