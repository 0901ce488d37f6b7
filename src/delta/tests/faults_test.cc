#include <gtest/gtest.h>

#include <algorithm>

#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

using storage::Fault;
using storage::FaultPoint;

/// A store whose calls fail by number while it is armed.
struct FaultyTable {
  enum class Kind {
    kOnce,                ///< the call fails before it takes effect
    kFromThenOn,          ///< this and all later calls fail
    kLostRequest,         ///< a put-if-absent does not arrive, and nobody knows
    kLostAnswer,          ///< a put-if-absent takes effect, and nobody knows
    kLostAnswerThenDown,  ///< the same, and then the store is gone
  };

  TestTable table{[this](const FaultPoint& point) { return Next(point); }};
  Kind kind = Kind::kOnce;
  int fails_at = -1;  ///< -1: not armed
  int calls = 0;
  bool has_failed = false;

  void Arm(Kind with, int call) {
    kind = with;
    fails_at = call;
    calls = 0;
    has_failed = false;
  }
  void Disarm() { fails_at = -1; }

  std::optional<Fault> Next(const FaultPoint& point) {
    if (fails_at < 0) return std::nullopt;
    const int call = calls++;
    const bool goes_on = kind == Kind::kFromThenOn || kind == Kind::kLostAnswerThenDown;
    if (call != fails_at && !(goes_on && has_failed)) return std::nullopt;
    const bool is_commit = point.operation == "put_if_absent";
    const bool loses_answer = !has_failed && (kind == Kind::kLostAnswer || kind == Kind::kLostAnswerThenDown);
    has_failed = true;
    if (is_commit && (loses_answer || kind == Kind::kLostRequest)) {
      return Fault{Error(ErrorCode::kStoreUnknown, "no answer"), loses_answer};
    }
    return Fault{Error(ErrorCode::kStoreIo, "broken"), false};
  }
};

std::int64_t CountOf(const Snapshot& snapshot, const std::string& path) {
  const auto paths = Paths(snapshot);
  return std::ranges::count(paths, path);
}

/// A proposal that leaves a mark, so that a later writer can tell that it was applied.
Proposal MarkedAppend(const SnapshotPtr& base) {
  Proposal proposal = AppendOf(base, "mine");
  proposal.txns.push_back({"me", 1, {}});
  return proposal;
}

/// Whatever single call fails, in whatever way: the proposal is applied once or not at all, the answer says which, a
/// fresh writer can finish the work, and the log has no gap.
TEST(FaultsTest, EveryProposalIsAppliedOnceOrNotAtAll) {
  using Kind = FaultyTable::Kind;
  for (const Kind kind :
       {Kind::kOnce, Kind::kFromThenOn, Kind::kLostRequest, Kind::kLostAnswer, Kind::kLostAnswerThenDown}) {
    bool was_hit = true;
    for (int call = 0; was_hit; ++call) {
      FaultyTable faulty;
      const Log& log = faulty.table.log;
      const SnapshotPtr base = MustCommit(log, CreateOf({{"delta.checkpointInterval", "3"}}));
      MustCommit(log, AppendOf(MustCommit(log, AppendOf(base, "theirs1")), "theirs2"));

      faulty.Arm(kind, call);
      const Result<Committed> committed = Commit(log, MarkedAppend(base));
      was_hit = faulty.has_failed;
      faulty.Disarm();
      SCOPED_TRACE("kind " + std::to_string(static_cast<int>(kind)) + ", call " + std::to_string(call) + ": " +
                   (committed ? "committed" : committed.error().ToString()));

      SnapshotPtr now = MustLoad(log.Latest());
      const std::int64_t applied = CountOf(*now, "mine");
      if (committed) {
        EXPECT_EQ(applied, 1);
        EXPECT_EQ(Paths(*committed->snapshot), Paths(*now));
      } else if (committed.error().code() == ErrorCode::kDeltaCommitUnknown) {
        EXPECT_LE(applied, 1);
      } else {
        EXPECT_EQ(applied, 0);
      }
      EXPECT_EQ(now->txns().contains("me"), applied == 1);
      if (applied == 0) now = MustCommit(log, MarkedAppend(now));
      EXPECT_EQ(CountOf(*now, "mine"), 1);
      EXPECT_EQ(now->version(), Version{3}) << "one commit each, no gap";
      EXPECT_EQ(Paths(*MustLoad(log.Latest())), (std::vector<std::string>{"theirs1", "theirs2", "mine"}));
    }
  }
}

/// Loading fails cleanly or gives the whole state, whatever call fails.
TEST(FaultsTest, AReaderSeesTheWholeStateOrAnError) {
  bool was_hit = true;
  for (int call = 0; was_hit; ++call) {
    FaultyTable faulty;
    const Log& log = faulty.table.log;
    SnapshotPtr snapshot = MustCommit(log, CreateOf({{"delta.checkpointInterval", "2"}}));
    const SnapshotPtr known = snapshot;
    for (int i = 1; i <= 5; ++i) snapshot = MustCommit(log, AppendOf(snapshot, std::to_string(i)));
    was_hit = false;
    for (const SnapshotPtr& from : {SnapshotPtr(), known}) {
      faulty.Arm(FaultyTable::Kind::kOnce, call);
      const auto loaded = log.Latest(from);
      was_hit |= faulty.has_failed;
      faulty.Disarm();
      if (loaded) {
        EXPECT_EQ(Paths(**loaded), Paths(*snapshot)) << "call " << call;
      } else {
        EXPECT_EQ(loaded.error().code(), ErrorCode::kStoreIo) << loaded.error().ToString();
      }
    }
  }
}

TEST(FaultsTest, AnAnswerThatIsLostTwiceIsStillRecognised) {
  int commits = 0;
  int reads = 0;
  bool is_armed = false;
  TestTable table([&](const FaultPoint& point) -> std::optional<Fault> {
    if (!is_armed || !point.key.ends_with("1.json")) return std::nullopt;
    if (point.operation == "put_if_absent" && ++commits == 1)
      return Fault{Error(ErrorCode::kStoreUnknown, "lost"), true};
    // The first look does not see the object yet.
    if (point.operation == "read" && ++reads == 1) return Fault{Error(ErrorCode::kStoreNotFound, "not yet"), false};
    return std::nullopt;
  });
  const SnapshotPtr base = MustCommit(table.log, CreateOf());
  is_armed = true;
  const Committed committed = Commit(table.log, AppendOf(base, "a")).value();
  EXPECT_EQ(committed.version, Version{1});
  EXPECT_EQ(committed.attempts, 2);
  EXPECT_EQ(commits, 2) << "put again, and refused because it was there";
  EXPECT_EQ(Paths(*MustLoad(table.log.Latest())), (std::vector<std::string>{"a"}));
}

TEST(FaultsTest, ADoubtThatRemainsIsSaidWithTheTxnId) {
  bool is_armed = false;
  TestTable table([&](const FaultPoint& point) -> std::optional<Fault> {
    if (!is_armed || !point.key.ends_with("1.json")) return std::nullopt;
    return Fault{Error(point.operation == "read" ? ErrorCode::kStoreDenied : ErrorCode::kStoreUnknown, "lost"), true};
  });
  const SnapshotPtr base = MustCommit(table.log, CreateOf());
  is_armed = true;
  const auto committed = Commit(table.log, AppendOf(base, "a"));
  is_armed = false;
  ASSERT_FALSE(committed.has_value());
  EXPECT_EQ(committed.error().code(), ErrorCode::kDeltaCommitUnknown);
  const auto actions = table.log.ReadCommit({1}).value();
  const auto id = std::get<CommitInfo>(actions.front()).fields["txnId"].get<std::string>();
  EXPECT_NE(committed.error().hint().find(id), std::string::npos) << committed.error().ToString();
}

TEST(FaultsTest, ACheckpointThatCannotBeWrittenIsNoError) {
  TestTable table([](const FaultPoint& point) -> std::optional<Fault> {
    if (point.operation != "put") return std::nullopt;
    return Fault{Error(ErrorCode::kStoreFull, "full"), false};
  });
  const SnapshotPtr base = MustCommit(table.log, CreateOf({{"delta.checkpointInterval", "1"}}));
  MustCommit(table.log, AppendOf(base, "a"));
  EXPECT_EQ(MustLoad(table.log.Latest())->checkpoint_version(), Version{-1});
}

}  // namespace
}  // namespace smelt::delta
