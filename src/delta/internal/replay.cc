#include "delta/internal/replay.h"

#include <fmt/format.h>

#include <ranges>
#include <utility>

#include "base/id.h"
#include "base/log.h"
#include "delta/internal/action_parser.h"
#include "delta/internal/snapshot_builder.h"
#include "delta/internal/table_properties.h"

namespace smelt::delta {
namespace {

/// Reads every row of a checkpoint into the builder.
Status ReadCheckpoint(const Log& log, const CheckpointFiles& files, SnapshotBuilder& builder) {
  builder.BeginCheckpoint(files.version);
  ActionParser parser;
  for (const std::string& key : files.keys) {
    std::int64_t row = 0;
    SMELT_TRY(log.checkpoints().Read(log.store().Address(key), [&](std::string_view json) -> Status {
      SMELT_ASSIGN(std::optional<Action> action, parser.Parse(json, key, ++row));
      if (!action) return {};
      if (std::holds_alternative<Sidecar>(*action)) {
        return Fail(Error(ErrorCode::kDeltaUnsupported, "the checkpoint keeps files in sidecars (feature v2Checkpoint)")
                        .At(key, row));
      }
      builder.Apply(std::move(*action));
      return {};
    }));
  }
  if (builder.protocol() == nullptr || builder.metadata() == nullptr) {
    return Fail(Error(ErrorCode::kDeltaCorrupt, "the checkpoint has no 'protocol' or no 'metaData' action")
                    .At(files.keys.front()));
  }
  return {};
}

/// The commit of the version that a snapshot ends with.
struct LastCommit {
  std::string hash;
  std::optional<std::int64_t> in_commit_timestamp;
};

LastCommit Summarise(CommitContent& content) {
  return {std::move(content.hash), CommitInfoInt(content.actions, "inCommitTimestamp")};
}

/// Applies the commits `from` … `target`. Every version must be there.
Result<LastCommit> ReplayCommits(const Log& log, const LogListing& listing, Version from, Version target,
                                 SnapshotBuilder& builder) {
  LastCommit last;
  for (Version version = from; version <= target; version = version.Next()) {
    if (listing.FindCommit(version) == nullptr) {
      return Fail(ErrorCode::kDeltaCorrupt,
                  fmt::format("the log has a gap: the commit file of version {} is missing ({})", version.value,
                              log.CommitKey(version)));
    }
    SMELT_ASSIGN(CommitContent content, ReadCommitContent(log, version));
    last = Summarise(content);
    builder.Apply(std::move(content.actions));
  }
  return last;
}

/// What the commit file of a checkpoint's own version adds to it; nothing when that file is gone.
Result<LastCommit> CommitOfCheckpoint(const Log& log, const LogListing& listing, Version version) {
  if (listing.FindCommit(version) == nullptr) return LastCommit();
  SMELT_ASSIGN(CommitContent content, ReadCommitContent(log, version));
  return Summarise(content);
}

/// The time of a version's files in the store.
std::int64_t FileTime(const LogListing& listing, Version version) {
  if (const CommitFile* commit = listing.FindCommit(version)) return commit->modified_ms;
  const auto found = std::ranges::find(listing.checkpoints, version, &CheckpointFiles::version);
  return found == listing.checkpoints.end() ? 0 : found->modified_ms;
}

/// Completes a builder that holds the state of the version before `from`.
Result<SnapshotPtr> Complete(const Log& log, const LogListing& listing, Version from, Version target,
                             SnapshotBuilder builder) {
  SMELT_ASSIGN(LastCommit last, from > target ? CommitOfCheckpoint(log, listing, target)
                                              : ReplayCommits(log, listing, from, target, builder));
  std::int64_t timestamp_ms = FileTime(listing, target);
  const bool is_complete = builder.protocol() != nullptr && builder.metadata() != nullptr;
  if (is_complete && HasInCommitTimestamps(*builder.protocol(), *builder.metadata())) {
    timestamp_ms = last.in_commit_timestamp.value_or(timestamp_ms);
  }
  return builder.Build(target, timestamp_ms, std::move(last.hash));
}

}  // namespace

Result<CommitContent> ReadCommitContent(const Log& log, Version version) {
  const std::string key = log.CommitKey(version);
  SMELT_ASSIGN(const std::string text, log.store().Read(key));
  SMELT_ASSIGN(std::vector<Action> actions, ParseCommit(text, key));
  return CommitContent{std::move(actions), ContentHash(text)};
}

const Json* FindCommitInfo(const std::vector<Action>& actions) {
  for (const Action& action : actions) {
    if (const auto* info = std::get_if<CommitInfo>(&action)) return &info->fields;
  }
  return nullptr;
}

std::optional<std::int64_t> CommitInfoInt(const std::vector<Action>& actions, std::string_view key) {
  const Json* info = FindCommitInfo(actions);
  if (info == nullptr) return std::nullopt;
  const auto value = info->find(key);
  if (value == info->end() || !value->is_number_integer()) return std::nullopt;
  return value->get<std::int64_t>();
}

Result<SnapshotPtr> LoadSnapshot(const Log& log, const LogListing& listing, Version target) {
  std::optional<Error> damage;
  for (const CheckpointFiles& files : std::views::reverse(listing.checkpoints)) {
    if (files.version > target) continue;
    SnapshotBuilder builder;
    if (const Status read = ReadCheckpoint(log, files, builder); !read) {
      ::smelt::Log(LogLevel::kWarn, "delta.checkpoint.unreadable",
                   {{"checkpoint", files.keys.front()}, {"error", read.error().ToString()}});
      if (!damage) damage = read.error();
      continue;
    }
    return Complete(log, listing, files.version.Next(), target, std::move(builder));
  }
  if (listing.FindCommit({0}) != nullptr) return Complete(log, listing, {0}, target, SnapshotBuilder());
  if (damage) return Fail(std::move(*damage).Context("the table cannot be rebuilt without its checkpoint"));
  if (listing.has_v2_checkpoints) {
    return Fail(
        ErrorCode::kDeltaUnsupported,
        "the table's log begins with a checkpoint of the v2 form (feature v2Checkpoint), which smelt cannot read");
  }
  return Fail(ErrorCode::kDeltaCorrupt, fmt::format("the log has a gap: the commit file of version 0 is missing, and "
                                                    "there is no checkpoint to begin from ({})",
                                                    log.CommitKey({0})));
}

Result<std::optional<SnapshotPtr>> AdvanceSnapshot(const Log& log, SnapshotPtr known) {
  const Result<std::string> text = log.store().Read(log.CommitKey(known->version()));
  if (!text && text.error().code() != ErrorCode::kStoreNotFound) return Fail(text.error());
  if (!text || ContentHash(*text) != known->commit_hash()) return std::nullopt;
  SnapshotBuilder builder(known);
  Version version = known->version();
  std::int64_t timestamp_ms = known->timestamp_ms();
  std::string hash;
  while (true) {
    Result<CommitContent> content = ReadCommitContent(log, version.Next());
    if (!content && content.error().code() == ErrorCode::kStoreNotFound) break;
    if (!content) return Fail(std::move(content.error()));
    version = version.Next();
    hash = std::move(content->hash);
    const std::optional<std::int64_t> recorded = CommitInfoInt(content->actions, "timestamp");
    timestamp_ms = CommitInfoInt(content->actions, "inCommitTimestamp").value_or(recorded.value_or(timestamp_ms));
    builder.Apply(std::move(content->actions));
  }
  if (version == known->version()) return known;
  return builder.Build(version, timestamp_ms, std::move(hash));
}

}  // namespace smelt::delta
