#include "delta/transaction.h"

#include <fmt/format.h>

#include <unordered_set>
#include <utility>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "delta/data_files.h"
#include "delta/internal/commit_draft.h"
#include "delta/internal/fast_json.h"
#include "delta/internal/log_cleanup.h"
#include "delta/internal/replay.h"
#include "delta/internal/row_ids.h"
#include "delta/internal/snapshot_builder.h"
#include "delta/internal/table_properties.h"
#include "delta/internal/vector_rebase.h"
#include "delta/internal/version_checksum.h"

namespace smelt::delta {
namespace {

/// How patiently a commit file is read back when it must be known whose it is.
constexpr RetryPolicy kReadBackRetry{.attempts_max = 4, .delay_ms = 50, .delay_max_ms = 1'000, .multiplier = 2.0};

/// One call of Commit. Confined to one thread.
class Committer {
 public:
  Committer(const Log& log, Proposal proposal, std::stop_token stop)
      : log_(log),
        proposal_(std::move(proposal)),
        stop_(std::move(stop)),
        draft_(std::in_place, proposal_, NewUuid()),
        builder_(proposal_.base),
        next_(proposal_.base ? proposal_.base->version().Next() : Version{0}),
        previous_ms_(proposal_.base ? proposal_.base->timestamp_ms() : 0) {
    if (AssignsRowIds(ProtocolAfter(proposal_), MetadataAfter(proposal_))) row_ids_.emplace(proposal_);
  }

  Result<Committed> Run() {
    SMELT_TRY(CheckBase());
    SMELT_ASSIGN(needed_, NewFiles());
    for (int attempt = 1; attempt <= kCommitRetry.attempts_max; ++attempt) {
      if (attempt > 1) SleepFor(RetryDelayMs(kCommitRetry, attempt), stop_);
      if (stop_.stop_requested()) return Settle(Error(ErrorCode::kCancelled, "the commit was interrupted"));
      SMELT_ASSIGN(std::optional<Committed> committed, TryOnce(attempt));
      if (committed) return *std::move(committed);
    }
    return Settle(Error(ErrorCode::kDeltaConflict,
                        fmt::format("gave up on committing to '{}' after losing {} times to other writers", TableName(),
                                    kCommitRetry.attempts_max)));
  }

 private:
  /// Whose commit file stands at a version.
  enum class Owner { kNobody, kUs, kOthers };

  std::string TableName() const { return log_.store().Address(log_.folder()); }

  /// Refuses to commit onto a log that is not the one the proposal was made from: dropped, made anew, or made
  /// meanwhile. The put-if-absent that follows would succeed there and leave a gap.
  Status CheckBase() const {
    if (!proposal_.base) {
      SMELT_ASSIGN(const std::optional<Version> latest, log_.LatestVersion());
      if (!latest) return {};
      return Fail(ErrorCode::kDeltaConflict, fmt::format("the table '{}' was created by another writer", TableName()));
    }
    if (proposal_.base->commit_hash().empty()) return {};
    // By the bytes, whatever the stamp: a writer has more to lose than a reader.
    const Result<std::string> text = log_.store().Read(log_.CommitKey(proposal_.base->version()));
    if (text && ContentHash(*text) == proposal_.base->commit_hash()) return {};
    if (!text && text.error().code() != ErrorCode::kStoreNotFound) return Fail(text.error());
    return Fail(ErrorCode::kDeltaConflict,
                fmt::format("the table '{}' was dropped or replaced since it was read", TableName()));
  }

  /// The files that the commit brings into the table: the log must not name what a power cut may take. Those that only
  /// change their deletion vector are in the table already.
  Result<std::vector<std::string>> NewFiles() const {
    std::unordered_set<std::string_view> known;
    for (const Remove& remove : proposal_.removes) known.insert(remove.path);
    std::vector<std::string> keys;
    const auto note = [&](const std::string& path) -> Status {
      if (known.contains(path)) return {};
      SMELT_ASSIGN(std::optional<std::string> key, KeyOfFile(log_, path));
      if (key) keys.push_back(*std::move(key));
      return {};
    };
    for (const Add& add : proposal_.adds) SMELT_TRY(note(add.path));
    for (const Cdc& cdc : proposal_.cdc) SMELT_TRY(note(cdc.path));
    return keys;
  }

  /// One attempt at next_. Nothing when another writer was first, or nobody's write can be seen: try again.
  Result<std::optional<Committed>> TryOnce(int attempt) {
    if (row_ids_) SMELT_TRY(AssignRowIds());
    const CommitText commit = draft_->Render(next_, previous_ms_);
    if (!simdjson::validate_utf8(commit.text)) {
      return Fail(ErrorCode::kInternal, "a commit would contain text that is not UTF-8");
    }
    const Result<bool> written = log_.store().PutIfAbsent(log_.CommitKey(next_), commit.text, needed_);
    if (written) needed_.clear();
    if (written && *written) return Finish(attempt, ContentHash(commit.text), commit.timestamp_ms);
    if (!written && written.error().code() != ErrorCode::kStoreUnknown) return Settle(written.error());
    is_in_doubt_ |= !written;
    return Resolve(attempt);
  }

  /// Row ids follow those that were given out last, which each competitor's commit may change.
  Status AssignRowIds() {
    SMELT_ASSIGN(const std::int64_t mark, RowIdHighWaterMark(builder_.domain(kRowTrackingDomain)));
    row_tracking_ = row_ids_->Assign(proposal_, mark, next_);
    draft_->RenderActions(row_tracking_);
    return {};
  }

  /// Finds out what stands at next_ and moves past the commits of others that leave the proposal valid.
  Result<std::optional<Committed>> Resolve(int attempt) {
    while (true) {
      Result<CommitContent> content = ReadBack();
      if (!content && content.error().code() == ErrorCode::kStoreNotFound) return std::nullopt;
      if (!content) return Settle(std::move(content.error()));
      const std::int64_t timestamp_ms = TimestampOf(content->actions);
      if (IsOurs(content->actions)) {
        if (Status synced = log_.store().Sync({log_.CommitKey(next_)}); !synced) return Settle(synced.error());
        return Finish(attempt, std::move(content->hash), timestamp_ms);
      }
      is_in_doubt_ = false;
      SMELT_TRY(MakeWayFor(content->actions));
      builder_.Apply(std::move(content->actions));
      previous_ms_ = timestamp_ms;
      next_ = next_.Next();
    }
  }

  /// Checks that a competitor's commit leaves the proposal valid, and puts the proposal's deletion vectors on top of
  /// the competitor's where that is all that stands between them.
  Status MakeWayFor(const std::vector<Action>& winner) {
    DeletionVectorFile vectors;
    const RebasedVectors rebased = RebaseVectors(log_, proposal_, winner, vectors);
    if (const auto reason = FindConflict(proposal_, winner, rebased.settled)) {
      return Fail(Error(ErrorCode::kDeltaConflict, fmt::format("version {} of '{}' was committed first, and {}",
                                                               next_.value, TableName(), *reason))
                      .Hint("run it again: it will start from what the other writer left"));
    }
    if (!rebased.changed) return {};
    if (vectors.needed()) SMELT_TRY(log_.store().Put(log_.Key(vectors.name()), vectors.bytes()));
    draft_.emplace(proposal_, std::string(draft_->txn_id()));
    return {};
  }

  Result<CommitContent> ReadBack() const {
    for (int attempt = 1;; ++attempt) {
      Result<CommitContent> content = ReadCommitContent(log_, next_);
      const bool is_worth_another = !content && content.error().retryable() && attempt < kReadBackRetry.attempts_max;
      if (!is_worth_another || !SleepFor(RetryDelayMs(kReadBackRetry, attempt + 1), stop_)) return content;
    }
  }

  bool IsOurs(const std::vector<Action>& actions) const {
    const Json* info = FindCommitInfo(actions);
    if (info == nullptr) return false;
    const auto id = info->find("txnId");
    return id != info->end() && *id == draft_->txn_id();
  }

  std::int64_t TimestampOf(const std::vector<Action>& actions) const {
    const std::optional<std::int64_t> recorded = CommitInfoInt(actions, "timestamp");
    return CommitInfoInt(actions, "inCommitTimestamp").value_or(recorded.value_or(previous_ms_));
  }

  /// The error of a commit that did not take place; or, when one of its writes may still arrive, the doubt.
  std::unexpected<Error> Settle(Error error) const {
    if (!is_in_doubt_) return Fail(std::move(error));
    return Fail(Error(ErrorCode::kDeltaCommitUnknown,
                      fmt::format("it is not known whether version {} of '{}' was committed: {}", next_.value,
                                  TableName(), error.message()))
                    .Hint(fmt::format("look for the commit with txnId {} in the table's history before trying again",
                                      draft_->txn_id())));
  }

  Committed Finish(int attempt, std::string hash, std::int64_t timestamp_ms) {
    if (auto metadata = draft_->RenderedMetadata(next_, timestamp_ms)) builder_.Apply(*std::move(metadata));
    if (proposal_.protocol) builder_.Apply(*std::move(proposal_.protocol));
    ApplyAll(proposal_.txns);
    ApplyAll(proposal_.domains);
    if (row_tracking_) builder_.Apply(*std::move(row_tracking_));
    ApplyAll(proposal_.removes);
    ApplyAll(proposal_.adds);
    Result<SnapshotPtr> snapshot = builder_.Build(next_, timestamp_ms, std::move(hash));
    // CheckProposal saw to it: what can be written can be read.
    SMELT_ASSERT(snapshot.has_value());
    WriteVersionChecksum(log_, **snapshot, draft_->txn_id());
    return {next_, attempt, *std::move(snapshot)};
  }

  template <typename T>
  void ApplyAll(std::vector<T>& actions) {
    for (T& action : actions) builder_.Apply(std::move(action));
  }

  const Log& log_;
  Proposal proposal_;
  std::stop_token stop_;
  std::optional<CommitDraft> draft_;  ///< never empty
  SnapshotBuilder builder_;
  Version next_;
  std::int64_t previous_ms_;
  std::optional<RowIdAssigner> row_ids_;        ///< where the table tracks rows
  std::optional<DomainMetadata> row_tracking_;  ///< what the last attempt said of row ids
  std::vector<std::string> needed_;             ///< new files that may not be on the device yet
  bool is_in_doubt_ = false;                    ///< a write at next_ was not acknowledged and may yet arrive
};

/// Writes the checkpoint that is due at the snapshot's version, if one is, and deletes what it makes unnecessary.
void CheckpointIfDue(const Log& log, const Snapshot& snapshot, bool keeps_log) {
  const std::int64_t version = snapshot.version().value;
  if (version == 0 || version % CheckpointInterval(snapshot.metadata()) != 0) return;
  if (const Status written = WriteCheckpoint(log, snapshot); !written) {
    ::smelt::Log(LogLevel::kWarn, "delta.checkpoint.failed",
                 {{"table", log.folder()}, {"version", version}, {"error", written.error().ToString()}});
    return;
  }
  if (keeps_log) return;
  if (const Status cleaned = CleanUpLog(log, snapshot.metadata(), NowMillis()); !cleaned) {
    ::smelt::Log(LogLevel::kWarn, "delta.log.cleanup.failed",
                 {{"table", log.folder()}, {"version", version}, {"error", cleaned.error().ToString()}});
  }
}

}  // namespace

Result<Committed> Commit(const Log& log, Proposal proposal, std::stop_token stop) {
  SMELT_ASSERT(proposal.base || (proposal.protocol && proposal.metadata));
  if (IsEmpty(proposal) && !proposal.may_be_empty) return Committed{proposal.base->version(), 0, proposal.base};
  AddFilesWithoutRowIds(proposal, ProtocolAfter(proposal), MetadataAfter(proposal));
  SMELT_TRY(CheckProposal(proposal));
  const bool keeps_log = proposal.keeps_log;
  SMELT_ASSIGN(Committed committed, Committer(log, std::move(proposal), std::move(stop)).Run());
  CheckpointIfDue(log, *committed.snapshot, keeps_log);
  return committed;
}

}  // namespace smelt::delta
