#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "delta/internal/log_listing.h"
#include "delta/snapshot.h"

namespace smelt::delta {

/// A commit file read into memory.
struct CommitContent {
  std::vector<Action> actions;
  std::string hash;  ///< ContentHash of the text
};

/// Errors: kStoreNotFound, kStoreDenied, kStoreIo, kDeltaCorrupt.
Result<CommitContent> ReadCommitContent(const Log& log, Version version);

/// The commitInfo among the actions of a commit, or null.
const Json* FindCommitInfo(const std::vector<Action>& actions);
/// A whole number in commitInfo, e.g. "inCommitTimestamp".
std::optional<std::int64_t> CommitInfoInt(const std::vector<Action>& actions, std::string_view key);

/// Rebuilds one version from the listed files: from the newest checkpoint at or before it that can be read, or from the
/// first commit. Errors: kDeltaCorrupt, kDeltaUnsupported, kStore….
Result<SnapshotPtr> LoadSnapshot(const Log& log, const LogListing& listing, Version target);

/// Whether the commit file that a snapshot ends with is still the one that it was made from: by the store's stamp, or
/// else by its bytes. False when it is gone, and when the snapshot does not know its hash. Errors: kStore….
Result<bool> IsStillThere(const Log& log, const Snapshot& snapshot);

/// Brings a snapshot up to date by looking for the commits right after it; the same pointer when there are none.
/// Nothing when the log is no longer the one that the snapshot was made from, or when that cannot be told.
/// Errors: as LoadSnapshot.
Result<std::optional<SnapshotPtr>> AdvanceSnapshot(const Log& log, SnapshotPtr known);

}  // namespace smelt::delta
