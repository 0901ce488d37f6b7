#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "delta/internal/log_listing.h"
#include "delta/internal/replay.h"
#include "delta/snapshot.h"

namespace smelt::delta {
namespace {

std::string TableName(const Log& log) {
  return log.store().Address(log.folder());
}

std::unexpected<Error> NotATable(const Log& log) {
  return Fail(ErrorCode::kDeltaNotATable, fmt::format("there is no Delta table at '{}'", TableName(log)));
}

std::unexpected<Error> VersionMissing(const Log& log, Version version, const LogListing& listing) {
  return Fail(ErrorCode::kDeltaVersionMissing,
              fmt::format("version {} of the table '{}' is not available: it has versions {} to {}", version.value,
                          TableName(log), listing.Earliest().value, listing.Latest().value));
}

/// Lists from the checkpoint that `_last_checkpoint` names on, if that helps to get to `target` (nothing = the newest
/// version), else everything.
Result<LogListing> ListForReplay(const Log& log, std::optional<Version> target = {}) {
  const std::optional<Version> hint = ReadCheckpointHint(log);
  if (hint && hint->value > 0 && (!target || *hint <= *target)) {
    SMELT_ASSIGN(LogListing listing, ListLog(log, *hint));
    const bool has_checkpoint =
        std::ranges::find(listing.checkpoints, *hint, &CheckpointFiles::version) != listing.checkpoints.end();
    if (has_checkpoint) return listing;
  }
  return ListLog(log);
}

/// Loads `target` (nothing = the newest version) from the listing. One that began at a checkpoint may not suffice: the
/// checkpoint is damaged, or its files were deleted meanwhile; then everything is listed.
Result<SnapshotPtr> Load(const Log& log, LogListing listing, std::optional<Version> target = {}) {
  if (listing.is_empty()) return NotATable(log);
  Result<SnapshotPtr> snapshot = LoadSnapshot(log, listing, target.value_or(listing.Latest()));
  if (!snapshot && listing.from.value > 0) {
    SMELT_ASSIGN(listing, ListLog(log));
    if (listing.is_empty()) return NotATable(log);
    snapshot = LoadSnapshot(log, listing, target.value_or(listing.Latest()));
  }
  if (!snapshot) return Fail(std::move(snapshot.error()).Context(fmt::format("table '{}'", TableName(log))));
  return snapshot;
}

}  // namespace

Log::Log(storage::ObjectStore& store, std::string folder, CheckpointFormat& checkpoints)
    : store_(store), folder_(std::move(folder)), checkpoints_(checkpoints) {}

std::string Log::Key(std::string_view relative) const {
  return folder_.empty() ? std::string(relative) : fmt::format("{}/{}", folder_, relative);
}

std::string Log::CommitKey(Version version) const {
  return Key(fmt::format("{}/{}.json", kLogFolder, VersionDigits(version)));
}

Result<std::optional<Version>> Log::LatestVersion() const {
  SMELT_ASSIGN(const LogListing listing, ListForReplay(*this));
  if (listing.is_empty()) return std::nullopt;
  return listing.Latest();
}

Result<SnapshotPtr> Log::Latest(SnapshotPtr known) const {
  if (known && !known->commit_hash().empty()) {
    Result<std::optional<SnapshotPtr>> advanced = AdvanceSnapshot(*this, known);
    if (!advanced) return Fail(std::move(advanced.error()).Context(fmt::format("table '{}'", TableName(*this))));
    if (*advanced) return **std::move(advanced);
  }
  SMELT_ASSIGN(LogListing listing, ListForReplay(*this));
  return Load(*this, std::move(listing));
}

Result<SnapshotPtr> Log::At(Version version) const {
  SMELT_ASSIGN(LogListing listing, ListForReplay(*this, version));
  if (listing.is_empty()) return NotATable(*this);
  if (version > listing.Latest() || version < listing.Earliest()) {
    SMELT_ASSIGN(listing, ListLog(*this));
    if (version > listing.Latest() || version < listing.Earliest()) return VersionMissing(*this, version, listing);
  }
  return Load(*this, std::move(listing), version);
}

Result<std::vector<Action>> Log::ReadCommit(Version version) const {
  SMELT_ASSIGN(CommitContent content, ReadCommitContent(*this, version));
  return std::move(content.actions);
}

}  // namespace smelt::delta
