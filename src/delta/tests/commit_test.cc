#include <gtest/gtest.h>

#include <thread>

#include "delta/features.h"
#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

using Strings = std::vector<std::string>;

Json InfoOfVersion(const Log& log, std::int64_t version) {
  const auto actions = log.ReadCommit({version}).value();
  const auto* info = std::get_if<CommitInfo>(&actions.front());
  EXPECT_NE(info, nullptr) << "commitInfo comes first";
  return info != nullptr ? info->fields : Json();
}

ErrorCode CodeOf(const Result<Committed>& committed) {
  EXPECT_FALSE(committed.has_value());
  return committed ? ErrorCode::kInternal : committed.error().code();
}

TEST(CommitTest, TheCommitFileHasDeltasForm) {
  TestTable table;
  const SnapshotPtr base = MustCommit(table.log, CreateOf());
  Proposal proposal = AppendOf(base, "a");
  proposal.removes.push_back(RemoveOf("gone"));
  proposal.txns.push_back({"app", 3, 4});
  proposal.cdc.push_back({"_change_data/c", {}, 5, {}});
  proposal.operation = "MERGE";
  proposal.operation_parameters = {{"mode", "Append"}, {"partitionBy", Json::array()}, {"description", nullptr}};
  proposal.operation_metrics = {{"numOutputRows", 12}, {"ratio", 0.5}};
  proposal.info = {{"smelt", {{"run", "r1"}}}, {"txnId", "mine"}, {"timestamp", 7}};
  MustCommit(table.log, std::move(proposal));

  Json info = InfoOfVersion(table.log, 1);
  EXPECT_GT(info["timestamp"], 1'600'000'000'000);
  EXPECT_EQ(info["txnId"].get<std::string>().size(), 36u);
  info.erase("timestamp");
  info.erase("txnId");
  EXPECT_EQ(JsonText(info),
            R"({"operation":"MERGE","operationParameters":{"mode":"Append","partitionBy":"[]","description":null},)"
            R"("readVersion":0,"isolationLevel":"WriteSerializable","isBlindAppend":false,)"
            R"("operationMetrics":{"numOutputRows":"12","ratio":"0.5"},"engineInfo":"smelt/0.1.0",)"
            R"("smelt":{"run":"r1"}})");
  const std::string text = table.store->Read(table.log.CommitKey({1})).value();
  EXPECT_EQ(text.substr(text.find('\n') + 1),
            LinesOf({Txn{"app", 3, 4}, RemoveOf("gone"), AddOf("a"), Cdc{"_change_data/c", {}, 5, {}}}));
}

TEST(CommitTest, TheReturnedSnapshotIsWhatAReaderLoads) {
  TestTable table;
  SnapshotPtr snapshot = MustCommit(table.log, CreateOf());
  for (int i = 1; i <= 12; ++i) snapshot = MustCommit(table.log, AppendOf(snapshot, std::to_string(i)));
  const SnapshotPtr loaded = MustLoad(table.log.Latest());
  EXPECT_EQ(snapshot->version(), loaded->version());
  EXPECT_EQ(Paths(*snapshot), Paths(*loaded));
  EXPECT_EQ(snapshot->commit_hash(), loaded->commit_hash());
  EXPECT_EQ(MustLoad(table.log.Latest(snapshot)), snapshot);
}

TEST(CommitTest, WithoutActionsNothingIsCommitted) {
  TestTable table;
  Proposal proposal;
  proposal.base = MustCommit(table.log, CreateOf());
  const Committed committed = Commit(table.log, proposal).value();
  EXPECT_EQ(committed.attempts, 0);
  EXPECT_EQ(committed.snapshot, proposal.base);
  EXPECT_EQ(table.log.LatestVersion().value(), Version{0});
}

TEST(CommitTest, AStaleBlindAppendLandsBehindTheWinners) {
  TestTable table;
  const SnapshotPtr base = MustCommit(table.log, CreateOf());
  SnapshotPtr newest = base;
  for (int i = 1; i <= 3; ++i) newest = MustCommit(table.log, AppendOf(newest, std::to_string(i)));
  const Committed committed = Commit(table.log, AppendOf(base, "mine")).value();
  EXPECT_EQ(committed.version, Version{4});
  EXPECT_EQ(committed.attempts, 2);
  EXPECT_EQ(Paths(*committed.snapshot), (Strings{"1", "2", "3", "mine"}));
  EXPECT_EQ(InfoOfVersion(table.log, 4)["readVersion"], 0);
}

TEST(CommitTest, AConflictNamesVersionAndCauseAndCommitsNothing) {
  TestTable table;
  const SnapshotPtr base = MustCommit(table.log, AppendOf(MustCommit(table.log, CreateOf()), "a"));
  Proposal remove;
  remove.base = base;
  remove.removes.push_back(RemoveOf("a"));
  MustCommit(table.log, remove);
  const auto second = Commit(table.log, remove);
  ASSERT_EQ(CodeOf(second), ErrorCode::kDeltaConflict);
  EXPECT_EQ(second.error().message(),
            "version 2 of 'memory:///t' was committed first, and it removed or changed the file 'a', too");
  EXPECT_EQ(table.log.LatestVersion().value(), Version{2});
}

TEST(CommitTest, ATableIsCreatedOnce) {
  TestTable table;
  MustCommit(table.log, CreateOf());
  EXPECT_EQ(CodeOf(Commit(table.log, CreateOf())), ErrorCode::kDeltaConflict);
  // Also when its first commits have been cleaned up.
  TestTable cleaned;
  cleaned.PutCommit(7, LinesOf({AddOf("a")}));
  EXPECT_EQ(CodeOf(Commit(cleaned.log, CreateOf())), ErrorCode::kDeltaConflict);
  EXPECT_FALSE(cleaned.store->Exists(cleaned.log.CommitKey({0})).value());
}

TEST(CommitTest, TwoCreatorsAtTheSameMomentGiveOneTable) {
  bool raced = false;
  TestTable* shared = nullptr;
  TestTable table([&](const storage::FaultPoint& point) -> std::optional<storage::Fault> {
    if (point.operation == "put_if_absent" && !std::exchange(raced, true)) MustCommit(shared->log, CreateOf());
    return std::nullopt;
  });
  shared = &table;
  const auto second = Commit(table.log, CreateOf());
  ASSERT_EQ(CodeOf(second), ErrorCode::kDeltaConflict);
  EXPECT_NE(second.error().message().find("it created the table"), std::string::npos) << second.error().message();
}

TEST(CommitTest, ADroppedTableIsNotBroughtBackByItsWriter) {
  TestTable table;
  const SnapshotPtr base = MustCommit(table.log, AppendOf(MustCommit(table.log, CreateOf()), "a"));
  table.DeleteCommit(0);
  table.DeleteCommit(1);
  EXPECT_EQ(CodeOf(Commit(table.log, AppendOf(base, "b"))), ErrorCode::kDeltaConflict);
  EXPECT_EQ(table.log.LatestVersion().value(), std::nullopt);
}

TEST(CommitTest, AppendOnlyTablesKeepTheirRows) {
  TestTable table;
  const SnapshotPtr base =
      MustCommit(table.log, AppendOf(MustCommit(table.log, CreateOf({{"delta.appendOnly", "true"}})), "a"));
  Proposal rewrite = AppendOf(base, "b");
  rewrite.removes.push_back(RemoveOf("a"));
  EXPECT_EQ(CodeOf(Commit(table.log, rewrite)), ErrorCode::kDeltaAppendOnly);
  rewrite.removes[0].data_change = false;
  rewrite.adds[0].data_change = false;
  EXPECT_TRUE(Commit(table.log, rewrite).has_value()) << "compaction moves rows, it does not change them";
}

TEST(CommitTest, ProposalsThatWouldDamageTheTableAreRefused) {
  TestTable table;
  Metadata partitioned = TestMetadata();
  partitioned.partition_columns = {"a"};
  Proposal create = CreateOf();
  create.metadata = partitioned;
  const SnapshotPtr base = MustCommit(table.log, create);
  EXPECT_EQ(CodeOf(Commit(table.log, AppendOf(base, "no partition value"))), ErrorCode::kInternal);

  Proposal twice = AppendOf(base, "x");
  twice.adds[0].partition_values = {{"a", "1"}};
  twice.adds.push_back(twice.adds[0]);
  EXPECT_EQ(CodeOf(Commit(table.log, twice)), ErrorCode::kInternal);

  Proposal not_text = AppendOf(base, "\xff");
  not_text.adds[0].partition_values = {{"a", "1"}};
  EXPECT_EQ(CodeOf(Commit(table.log, not_text)), ErrorCode::kInternal);

  Proposal domain;
  domain.base = base;
  domain.domains.push_back({"d", "{}", false});
  EXPECT_EQ(CodeOf(Commit(table.log, domain)), ErrorCode::kDeltaUnsupported);

  Proposal bad_partition;
  bad_partition.base = base;
  bad_partition.metadata = TestMetadata();
  bad_partition.metadata->partition_columns = {"b"};
  EXPECT_EQ(CodeOf(Commit(table.log, bad_partition)), ErrorCode::kDeltaInvalidTable);

  Proposal local_time;
  local_time.base = base;
  local_time.metadata = partitioned;
  local_time.metadata->schema_string =
      R"({"type":"struct","fields":[{"name":"a","type":"long"},{"name":"t","type":{"type":"array","elementType":"timestamp_ntz"}}]})";
  EXPECT_EQ(CodeOf(Commit(table.log, local_time)), ErrorCode::kDeltaInvalidTable);
  local_time.protocol = base->protocol();
  EnableFeature(*local_time.protocol, "timestampNtz");
  EXPECT_TRUE(Commit(table.log, local_time).has_value());
  EXPECT_EQ(table.log.LatestVersion().value(), Version{1}) << "nothing else was committed";
}

TEST(CommitTest, AFeatureThatSmeltCannotWriteIsRefused) {
  TestTable table;
  const auto created = Commit(table.log, CreateOf({{"delta.enableIcebergCompatV1", "true"}}));
  EXPECT_TRUE(created.has_value()) << "the protocol does not honour the property yet";
  Proposal upgrade;
  upgrade.base = created->snapshot;
  upgrade.protocol = Protocol{1, 7, {}, {"appendOnly", "invariants", "icebergCompatV1"}};
  EXPECT_EQ(CodeOf(Commit(table.log, upgrade)), ErrorCode::kDeltaUnsupported);
}

TEST(CommitTest, AStoppedCommitLeavesNothing) {
  TestTable table;
  const SnapshotPtr base = MustCommit(table.log, CreateOf());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(CodeOf(Commit(table.log, AppendOf(base, "a"), stop.get_token())), ErrorCode::kCancelled);
  EXPECT_EQ(table.log.LatestVersion().value(), Version{0});
}

TEST(CommitTest, ManyWritersLoseNothing) {
  constexpr int kWriters = 8;
  constexpr int kCommits = 25;
  TestTable table;
  const SnapshotPtr base = MustCommit(table.log, CreateOf());
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&table, base, writer] {
        SnapshotPtr mine = base;
        for (int i = 0; i < kCommits; ++i) {
          mine = MustCommit(table.log, AppendOf(mine, std::to_string(writer) + "-" + std::to_string(i)));
        }
      });
    }
  }
  const SnapshotPtr snapshot = MustLoad(table.log.Latest());
  EXPECT_EQ(snapshot->version(), Version{kWriters * kCommits});
  Strings paths = Paths(*snapshot);
  EXPECT_EQ(paths.size(), static_cast<std::size_t>(kWriters * kCommits));
  std::ranges::sort(paths);
  EXPECT_EQ(std::ranges::adjacent_find(paths), paths.end());
  const auto history = table.log.History().value();
  EXPECT_EQ(history.size(), static_cast<std::size_t>(kWriters * kCommits + 1)) << "no gap";
}

Proposal CreateWithOwnTimes() {
  Proposal create = CreateOf({{"delta.enableInCommitTimestamps", "true"}});
  EnableFeature(*create.protocol, "inCommitTimestamp");
  return create;
}

TEST(CommitTest, InCommitTimestampsAscendWhateverTheClockSays) {
  TestTable table;
  MustCommit(table.log, CreateWithOwnTimes());
  constexpr std::int64_t kFuture = 9'000'000'000'000;
  table.PutCommit(1, LinesOf({CommitInfo{{{"inCommitTimestamp", kFuture}}}, AddOf("a")}));
  SnapshotPtr snapshot = MustLoad(table.log.Latest());
  EXPECT_EQ(snapshot->timestamp_ms(), kFuture);
  snapshot = MustCommit(table.log, AppendOf(snapshot, "b"));
  EXPECT_EQ(InfoOfVersion(table.log, 2)["inCommitTimestamp"], kFuture + 1);
  EXPECT_EQ(snapshot->timestamp_ms(), kFuture + 1);
  // A writer that lost against version 2 must come after it, too.
  MustCommit(table.log, AppendOf(MustLoad(table.log.At({1})), "c"));
  EXPECT_EQ(InfoOfVersion(table.log, 3)["inCommitTimestamp"], kFuture + 2);
}

TEST(CommitTest, EnablingInCommitTimestampsRecordsSinceWhen) {
  TestTable table;
  const SnapshotPtr base = MustCommit(table.log, CreateOf());
  MustCommit(table.log, AppendOf(base, "a"));
  Proposal enable;
  enable.base = MustLoad(table.log.Latest());
  enable.protocol = enable.base->protocol();
  EnableFeature(*enable.protocol, "inCommitTimestamp");
  enable.metadata = TestMetadata({{"delta.enableInCommitTimestamps", "true"}});
  const SnapshotPtr enabled = MustCommit(table.log, enable);
  const auto& configuration = enabled->metadata().configuration;
  EXPECT_EQ(configuration.at("delta.inCommitTimestampEnablementVersion"), "2");
  EXPECT_EQ(configuration.at("delta.inCommitTimestampEnablementTimestamp"), std::to_string(enabled->timestamp_ms()));
  EXPECT_EQ(MustLoad(table.log.Latest())->metadata(), enabled->metadata());
}

}  // namespace
}  // namespace smelt::delta
