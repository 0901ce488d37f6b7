#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/retry.h"
#include "delta/snapshot.h"

namespace smelt::delta {

/// What a transaction looked at, which decides whether a concurrent commit invalidates it.
struct ReadSet {
  bool whole_table = false;        ///< any concurrent data change conflicts
  std::vector<std::string> files;  ///< paths (as in Add) whose rows were read
  /// Whether a file added concurrently could have held rows that the transaction's predicates select; nothing = the
  /// transaction selected no rows (a blind append).
  std::function<bool(const Add&)> may_match;
  /// Whether each row was judged by itself, as DELETE and UPDATE do: what a competitor deletes by deletion vector is in
  /// the way only where the transaction deletes the same rows.
  bool row_by_row = false;
};

/// What becomes a commit. `base` is null for a table that does not exist yet.
struct Proposal {
  SnapshotPtr base;
  std::optional<Protocol> protocol;
  std::optional<Metadata> metadata;
  std::vector<Add> adds;
  std::vector<Remove> removes;
  std::vector<Cdc> cdc;
  std::vector<Txn> txns;
  std::vector<DomainMetadata> domains;
  ReadSet reads;
  std::string operation = "WRITE";  ///< Delta's operation names: WRITE, DELETE, UPDATE, MERGE, CREATE TABLE …
  Json operation_parameters = Json::object();
  Json operation_metrics = Json::object();
  Json info = Json::object();  ///< extra commitInfo fields ("smelt": {…})
  bool may_be_empty = false;   ///< commit even without an action: a record of what was done, as VACUUM leaves
  bool keeps_log = false;      ///< delete no old files of the log with the checkpoint that may follow
};

/// How often and how patiently Commit tries again when a competitor was first.
inline constexpr RetryPolicy kCommitRetry{.attempts_max = 200, .delay_ms = 4, .delay_max_ms = 500, .multiplier = 1.5};

struct Committed {
  Version version;
  int attempts = 1;      ///< 0 when there was nothing to commit
  SnapshotPtr snapshot;  ///< the state after the commit
};

/// Commits with optimistic concurrency ("Transactions" and the conflict rules of the reference implementation at the
/// table's isolation level, `delta.isolationLevel`: WriteSerializable or Serializable): put-if-absent of the next
/// version; when a competitor was first, its commits are read, checked against the proposal, and the next version is
/// tried. After a lost acknowledgement the commit file is read back and recognised by its commitInfo.txnId. A proposal
/// without any action, unless it may be empty, commits nothing and answers with its base. commitInfo is written first,
/// with Delta's usual members, those of Proposal::info, and the txnId. A checkpoint is written every
/// `delta.checkpointInterval` versions (default 10); failure to write it is not an error. Nothing was committed when an
/// error is returned, but for kDeltaCommitUnknown. Errors: kDeltaConflict (the message names version and cause; also
/// when the base's log is gone), kDeltaCommitUnknown, kDeltaUnsupported, kDeltaAppendOnly, kDeltaInvalidTable,
/// kDeltaCorrupt, kCancelled, kStore….
Result<Committed> Commit(const Log& log, Proposal proposal, std::stop_token stop = {});

/// The conflict rules by themselves: nothing when `winner` (the actions of a competitor's commit) leaves the proposal
/// valid, else the reason. Rows that `winner` only moved between files (dataChange=false) are no new rows; a blind
/// append counts only against a proposal that read the whole table or changes the metadata of one it read, or, in a
/// Serializable table, that read what the new rows may match. Of the files in `settled`, `winner` only deleted rows
/// that do not matter to the proposal.
std::optional<std::string> FindConflict(const Proposal& proposal, const std::vector<Action>& winner,
                                        const std::set<std::string>& settled = {});

}  // namespace smelt::delta
