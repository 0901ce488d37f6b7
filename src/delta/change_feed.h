#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "delta/snapshot.h"

/// The change data feed: which rows each version inserted, deleted and updated. "Add CDC File" and "Reader Requirements
/// for AddCDCFile" of the protocol.
namespace smelt::delta {

/// The columns that a feed has beside those of the table.
inline constexpr const char* kChangeTypeColumn = "_change_type";
inline constexpr const char* kCommitVersionColumn = "_commit_version";
inline constexpr const char* kCommitTimestampColumn = "_commit_timestamp";

/// A file whose deletion vector was replaced: of the rows in it, those that only one of the vectors has changed.
struct VectorChange {
  Add before, after;
};

/// What one version did to the rows. Either the writer recorded it in files of its own, or it follows from the data
/// files; what only moved rows between files is no change.
struct VersionChanges {
  Version version;
  std::int64_t timestamp_ms = 0;
  std::vector<Cdc> recorded;  ///< each row says what happened to it, in the column _change_type
  std::vector<Add> inserted;  ///< files whose rows are new
  std::vector<Add> deleted;   ///< files whose rows are gone; they have no statistics
  std::vector<VectorChange> masked;
};

/// The changes of several versions, oldest first, and what the table is after them.
struct ChangeFeed {
  std::vector<VersionChanges> versions;
  Protocol protocol;
  Metadata metadata;
};

/// The changes of the versions `from` … `to` (nothing: the newest), both included. Reads their commits, and of what is
/// before them no more than it takes to know the definition.
/// Errors: kDeltaNotATable, kDeltaVersionMissing (also when the feed was not enabled in one of the versions, or the
/// partitioning differs between them), and those of Log::At.
Result<ChangeFeed> ReadChanges(const Log& log, Version from, std::optional<Version> to = {});

}  // namespace smelt::delta
