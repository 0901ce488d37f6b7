#include "delta/internal/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <ranges>
#include <set>
#include <utility>

#include "base/id.h"
#include "base/log.h"
#include "delta/internal/action_parser.h"
#include "delta/internal/snapshot_builder.h"
#include "delta/internal/table_properties.h"
#include "delta/internal/version_checksum.h"

namespace smelt::delta {
namespace {

/// The place of a sidecar: a name within `_delta_log/_sidecars`, or a whole address.
Result<std::string> SidecarAddress(const Log& log, const Sidecar& sidecar) {
  SMELT_ASSIGN(std::string path, DecodePath(sidecar.path));
  if (path.contains("://")) return path;
  if (path.contains('/') || path.empty()) {
    return Fail(ErrorCode::kDeltaCorrupt, fmt::format("a checkpoint names the sidecar '{}', which is no name", path));
  }
  return log.store().Address(log.Key(fmt::format("{}/_sidecars/{}", kLogFolder, path)));
}

/// Reads the files of one checkpoint into a builder: the checkpoint itself, then the sidecars that it names.
class CheckpointReader final : private CheckpointRows {
 public:
  CheckpointReader(const Log& log, SnapshotBuilder& builder) : log_(log), builder_(builder) {}

  Status Read(const CheckpointFiles& files) {
    builder_.BeginCheckpoint(files.version);
    for (const std::string& key : files.keys) SMELT_TRY(key.ends_with(".json") ? ReadJson(key) : ReadParquet(key));
    for (const Sidecar& sidecar : std::exchange(sidecars_, {})) {
      SMELT_ASSIGN(const std::string address, SidecarAddress(log_, sidecar));
      SMELT_TRY(ReadRows(address, sidecar.path));
    }
    if (sidecars_.empty()) return {};
    return Fail(ErrorCode::kDeltaCorrupt, "a sidecar of the checkpoint names sidecars itself");
  }

 private:
  Status ReadParquet(const std::string& key) { return ReadRows(log_.store().Address(key), key); }

  Status ReadRows(const std::string& address, const std::string& key) {
    key_ = key;
    row_ = 0;
    return log_.checkpoints().Read(address, *this);
  }

  Status ReadJson(const std::string& key) {
    SMELT_ASSIGN(const std::string text, log_.store().Read(key));
    key_ = key;
    row_ = 0;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      SMELT_TRY(TakeJson(std::string_view(text).substr(begin, end - begin)));
      begin = end + 1;
    }
    return {};
  }

  Status Take(std::shared_ptr<Add> add) override {
    ++row_;
    builder_.Apply(std::move(add));
    return {};
  }

  Status TakeJson(std::string_view json) override {
    SMELT_ASSIGN(std::optional<Action> action, parser_.Parse(json, key_, ++row_));
    if (!action) return {};
    if (auto* sidecar = std::get_if<Sidecar>(&*action)) {
      sidecars_.push_back(std::move(*sidecar));
    } else {
      builder_.Apply(std::move(*action));
    }
    return {};
  }

  const Log& log_;
  SnapshotBuilder& builder_;
  ActionParser parser_;
  std::vector<Sidecar> sidecars_;
  std::string key_;  ///< of the file that is being read, and the row in it
  std::int64_t row_ = 0;
};

/// Reads every row of a checkpoint into the builder.
Status ReadCheckpoint(const Log& log, const CheckpointFiles& files, SnapshotBuilder& builder) {
  SMELT_TRY(CheckpointReader(log, builder).Read(files));
  if (builder.protocol() == nullptr || builder.metadata() == nullptr) {
    return Fail(Error(ErrorCode::kDeltaCorrupt, "the checkpoint has no 'protocol' or no 'metaData' action")
                    .At(files.keys.front()));
  }
  builder.EndCheckpoint();
  return {};
}

/// The commit of the version that a snapshot ends with.
struct LastCommit {
  std::string hash;
  std::string txn_id;  ///< empty when the commit has none
  std::optional<std::int64_t> in_commit_timestamp;
};

LastCommit Summarise(CommitContent& content) {
  LastCommit last{std::move(content.hash), {}, CommitInfoInt(content.actions, "inCommitTimestamp")};
  if (const Json* info = FindCommitInfo(content.actions)) {
    const auto id = info->find("txnId");
    if (id != info->end() && id->is_string()) last.txn_id = id->get<std::string>();
  }
  return last;
}

/// Whether each logical file has one action at most. What holds several was not reconciled, and in which order its
/// actions count is not said.
bool IsReconciled(const std::vector<Action>& actions) {
  std::set<std::string> seen;
  const auto is_new = [&seen](const std::string& path, const std::optional<DeletionVector>& vector) {
    return seen.insert(vector ? path + "\n" + vector->UniqueId() : path).second;
  };
  return std::ranges::all_of(actions, [&](const Action& action) {
    if (const auto* add = std::get_if<Add>(&action)) return is_new(add->path, add->deletion_vector);
    if (const auto* remove = std::get_if<Remove>(&action)) return is_new(remove->path, remove->deletion_vector);
    return true;
  });
}

/// Applies the compaction that begins with `from`, if there is one that leads no farther than `target` and can be read;
/// answers with the version that it leads to.
std::optional<Version> ReplayCompaction(const Log& log, const LogListing& listing, Version from, Version target,
                                        SnapshotBuilder& builder) {
  const CompactionFile* file = listing.FindCompaction(from, target);
  if (file == nullptr) return std::nullopt;
  const Result<std::string> text = log.store().Read(file->key);
  Result<std::vector<Action>> actions = text ? ParseCommit(*text, file->key) : Fail(text.error());
  if (!actions) {
    ::smelt::Log(LogLevel::kWarn, "delta.compaction.unreadable",
                 {{"file", file->key}, {"error", actions.error().ToString()}});
    return std::nullopt;
  }
  if (!IsReconciled(*actions)) return std::nullopt;
  builder.Apply(*std::move(actions));
  return file->to;
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
    // A compaction says nothing of the last commit's own marks: that one is read beside it, which does no harm.
    if (const auto end = ReplayCompaction(log, listing, version, target, builder)) {
      version = *end;
      if (version < target) continue;
    }
    SMELT_ASSIGN(CommitContent content, ReadCommitContent(log, version));
    last = Summarise(content);
    builder.Apply(std::move(content.actions));
  }
  return last;
}

/// What the commit file of a checkpoint's own version adds to it; nothing when that file is gone. Its changes are in
/// the checkpoint: of the lines, only that of the commitInfo is parsed.
Result<LastCommit> CommitOfCheckpoint(const Log& log, const LogListing& listing, Version version) {
  if (listing.FindCommit(version) == nullptr) return LastCommit();
  const std::string key = log.CommitKey(version);
  SMELT_ASSIGN(const std::string text, log.store().Read(key));
  CommitContent content{{}, ContentHash(text)};
  SMELT_ASSIGN(content.actions, ParseLinesWith(text, "\"commitInfo\"", key));
  return Summarise(content);
}

/// The time of a version's files in the store.
std::int64_t FileTime(const LogListing& listing, Version version) {
  if (const CommitFile* commit = listing.FindCommit(version)) return commit->modified_ms;
  const auto found = std::ranges::find(listing.checkpoints, version, &CheckpointFiles::version);
  return found == listing.checkpoints.end() ? 0 : found->modified_ms;
}

/// Completes a builder that holds the state of the version before `from`. A state that does not fit the checksum file
/// is refused when it began at a checkpoint; the commits alone are the truth, whatever a checksum file says.
Result<SnapshotPtr> Complete(const Log& log, const LogListing& listing, Version from, Version target,
                             SnapshotBuilder builder) {
  const bool is_from_checkpoint = from.value > 0;
  SMELT_ASSIGN(LastCommit last, from > target ? CommitOfCheckpoint(log, listing, target)
                                              : ReplayCommits(log, listing, from, target, builder));
  std::int64_t timestamp_ms = FileTime(listing, target);
  const bool is_complete = builder.protocol() != nullptr && builder.metadata() != nullptr;
  if (is_complete && HasInCommitTimestamps(*builder.protocol(), *builder.metadata())) {
    timestamp_ms = last.in_commit_timestamp.value_or(timestamp_ms);
  }
  SMELT_ASSIGN(SnapshotPtr snapshot, builder.Build(target, timestamp_ms, std::move(last.hash)));
  if (std::ranges::binary_search(listing.checksums, target)) {
    const Status checked = CheckVersionChecksum(log, *snapshot, last.txn_id);
    if (!checked && is_from_checkpoint) return Fail(checked.error());
    if (!checked) {
      ::smelt::Log(LogLevel::kWarn, "delta.checksum.differs",
                   {{"table", log.folder()}, {"version", target.value}, {"error", checked.error().ToString()}});
    }
  }
  return snapshot;
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
    Result<SnapshotPtr> snapshot = Complete(log, listing, files.version.Next(), target, std::move(builder));
    if (snapshot || snapshot.error().code() != ErrorCode::kDeltaCorrupt) return snapshot;
    // The checkpoint may be what is wrong: an earlier one, or the commits alone, may give the right state.
    ::smelt::Log(LogLevel::kWarn, "delta.checkpoint.distrusted",
                 {{"checkpoint", files.keys.front()}, {"error", snapshot.error().ToString()}});
    if (!damage) damage = snapshot.error();
  }
  if (listing.FindCommit({0}) != nullptr) return Complete(log, listing, {0}, target, SnapshotBuilder());
  if (damage) return Fail(std::move(*damage).Context("the table cannot be rebuilt without its checkpoint"));
  return Fail(ErrorCode::kDeltaCorrupt, fmt::format("the log has a gap: the commit file of version 0 is missing, and "
                                                    "there is no checkpoint to begin from ({})",
                                                    log.CommitKey({0})));
}

Result<bool> IsStillThere(const Log& log, const Snapshot& snapshot) {
  if (snapshot.commit_hash().empty()) return false;
  const std::string key = log.CommitKey(snapshot.version());
  // Before the bytes: a stamp that is older than what was read is of no use, but does no harm.
  std::string stamp = log.store().Stamp(key);
  if (!stamp.empty() && stamp == snapshot.commit_stamp()) return true;
  const Result<std::string> text = log.store().Read(key);
  if (!text && text.error().code() != ErrorCode::kStoreNotFound) return Fail(text.error());
  if (!text || ContentHash(*text) != snapshot.commit_hash()) return false;
  if (!stamp.empty()) snapshot.NoteCommitStamp(std::move(stamp));
  return true;
}

Result<std::optional<SnapshotPtr>> AdvanceSnapshot(const Log& log, SnapshotPtr known) {
  SMELT_ASSIGN(const bool is_same, IsStillThere(log, *known));
  if (!is_same) return std::nullopt;
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
