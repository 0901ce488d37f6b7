#include "delta/vacuum_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/clock.h"
#include "delta/deletion_vector.h"
#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;

/// A table whose files are written, added and removed as the tests need it.
struct VacuumTable : TestTable {
  using TestTable::TestTable;

  SnapshotPtr Create(std::map<std::string, std::string> configuration = {}) {
    return MustCommit(log, CreateOf(std::move(configuration)));
  }
  void Put(const std::string& name) { ASSERT_TRUE(store->Put(log.Key(name), "rows")); }
  SnapshotPtr Append(SnapshotPtr base, const std::string& name) {
    Put(name);
    return MustCommit(log, AppendOf(std::move(base), name));
  }
  SnapshotPtr Drop(SnapshotPtr base, const std::string& name, std::int64_t deleted_ms) {
    Proposal proposal;
    proposal.base = std::move(base);
    proposal.removes = {RemoveOf(name, deleted_ms)};
    return MustCommit(log, std::move(proposal));
  }
  std::vector<std::string> Plan(const Snapshot& snapshot, const VacuumOptions& options, std::int64_t now_ms) {
    auto plan = PlanVacuum(log, snapshot, options, now_ms);
    EXPECT_TRUE(plan) << plan.error().ToString();
    std::vector<std::string> names;
    if (!plan) return names;
    for (const auto& file : plan->files) names.push_back(file.key.substr(log.Key("").size()));
    return names;
  }
};

using Names = std::vector<std::string>;

TEST(VacuumPlan, KeepsWhatAnyVersionWithinTheRetentionNeeds) {
  VacuumTable table;
  const std::int64_t now = NowMillis() + 30 * kDayMs;  // all files were written a month ago
  SnapshotPtr snapshot = table.Create();
  snapshot = table.Append(snapshot, "live.parquet");
  snapshot = table.Append(snapshot, "gone-recently.parquet");
  snapshot = table.Append(snapshot, "gone-long-ago.parquet");
  snapshot = table.Drop(snapshot, "gone-recently.parquet", now - 6 * kDayMs);
  snapshot = table.Drop(snapshot, "gone-long-ago.parquet", now - 8 * kDayMs);
  table.Put("never-committed.parquet");
  EXPECT_EQ(table.Plan(*snapshot, {}, now), (Names{"gone-long-ago.parquet", "never-committed.parquet"}));
  EXPECT_EQ(table.Plan(*snapshot, {.lite = true}, now), Names{"gone-long-ago.parquet"});
}

TEST(VacuumPlan, YoungFilesMayBelongToAWriter) {
  VacuumTable table;
  const SnapshotPtr snapshot = table.Create();
  table.Put("being-written.parquet");
  EXPECT_EQ(table.Plan(*snapshot, {}, NowMillis() + 6 * kDayMs), Names{});
  EXPECT_EQ(table.Plan(*snapshot, {}, NowMillis() + 8 * kDayMs), Names{"being-written.parquet"});
}

TEST(VacuumPlan, LeavesHiddenFilesAndTheLogAlone) {
  VacuumTable table;
  Proposal create = CreateOf();
  create.metadata->partition_columns = {"_day"};
  create.metadata->schema_string =
      R"({"type":"struct","fields":[{"name":"_day","type":"long","nullable":true,"metadata":{}}]})";
  const SnapshotPtr snapshot = MustCommit(table.log, std::move(create));
  for (const char* name : {"_hidden/a.parquet", ".dot", "x/_y/b.parquet", "_day=1/c.parquet", "_change_data/d.parquet",
                           "_delta_index/e", "sub/f.parquet"}) {
    table.Put(name);
  }
  EXPECT_EQ(table.Plan(*snapshot, {}, NowMillis() + 8 * kDayMs),
            (Names{"_change_data/d.parquet", "_day=1/c.parquet", "_delta_index/e", "sub/f.parquet"}));
}

TEST(VacuumPlan, FilesOfDeletionVectorsGoWithTheLastFileThatNeedsThem) {
  VacuumTable table;
  SnapshotPtr snapshot = table.Create({{"delta.deletedFileRetentionDuration", "interval 1 hour"}});
  const std::int64_t now = NowMillis() + kDayMs;
  RowSet rows;
  for (unsigned row = 0; row < 100'000; row += 3) rows.Set(row);
  DeletionVectorFile shared;
  DeletionVectorFile orphan;
  orphan.Add(rows);
  Proposal proposal = AppendOf(snapshot, "a.parquet");
  proposal.adds.push_back(AddOf("b.parquet"));
  for (Add& add : proposal.adds) add.deletion_vector = shared.Add(rows);
  for (const std::string& name : {std::string("a.parquet"), std::string("b.parquet"), shared.name(), orphan.name()}) {
    table.Put(name);
  }
  snapshot = MustCommit(table.log, std::move(proposal));
  EXPECT_EQ(table.Plan(*snapshot, {}, now), Names{orphan.name()});

  const auto remove = [&](const std::string& path, std::int64_t at_ms) {
    Proposal removal;
    removal.base = snapshot;
    for (const auto& file : snapshot->files()) {
      if (file->path != path) continue;
      removal.removes.push_back(RemovalOf(*file));
      removal.removes[0].deletion_timestamp_ms = at_ms;
    }
    snapshot = MustCommit(table.log, std::move(removal));
  };
  remove("a.parquet", now - 2 * kHourMs);
  EXPECT_EQ(table.Plan(*snapshot, {}, now), (Names{"a.parquet", orphan.name()})) << "b needs the vectors, too";
  EXPECT_EQ(table.Plan(*snapshot, {.lite = true}, now), Names{"a.parquet"});
  remove("b.parquet", now - kHourMs / 2);
  EXPECT_EQ(table.Plan(*snapshot, {}, now), (Names{"a.parquet", orphan.name()})) << "b may still be read";
  Names all = {"a.parquet", "b.parquet", shared.name(), orphan.name()};
  std::ranges::sort(all);
  EXPECT_EQ(table.Plan(*snapshot, {}, now + kHourMs), all);
  EXPECT_EQ(table.Plan(*snapshot, {.lite = true}, now + kHourMs), (Names{"a.parquet", "b.parquet", shared.name()}));
}

TEST(VacuumPlan, KnowsFilesByTheirPathHoweverTheLogWritesIt) {
  VacuumTable table;
  SnapshotPtr snapshot = table.Create();
  table.Put("a b%c.parquet");
  table.Put("absolute.parquet");
  snapshot = MustCommit(table.log, AppendOf(snapshot, EncodePath("a b%c.parquet")));
  snapshot = MustCommit(table.log, AppendOf(snapshot, table.store->Address(table.log.Key("absolute.parquet"))));
  snapshot = MustCommit(table.log, AppendOf(snapshot, "file:///elsewhere/b.parquet"));
  EXPECT_EQ(table.Plan(*snapshot, {}, NowMillis() + 8 * kDayMs), Names{});
}

TEST(VacuumPlan, ARetentionBelowTheTablesIsRefused) {
  VacuumTable table;
  const SnapshotPtr snapshot = table.Create({{"delta.deletedFileRetentionDuration", "interval 2 days"}});
  const auto refused = PlanVacuum(table.log, *snapshot, {.retention_ms = kHourMs}, NowMillis());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kDeltaRetention);
  EXPECT_NE(refused.error().message().find("48"), std::string::npos) << refused.error().ToString();
  EXPECT_TRUE(PlanVacuum(table.log, *snapshot, {.retention_ms = kHourMs, .retention_check = false}, NowMillis()));
  EXPECT_TRUE(PlanVacuum(table.log, *snapshot, {.retention_ms = 2 * kDayMs}, NowMillis()));
}

TEST(VacuumPlan, ALongerRetentionThanTheTablesRemembersWhatCheckpointsForgot) {
  VacuumTable table;
  const std::int64_t now = NowMillis() + 30 * kDayMs;
  SnapshotPtr snapshot = table.Create({{"delta.deletedFileRetentionDuration", "interval 1 hour"}});
  snapshot = table.Append(snapshot, "a.parquet");
  snapshot = table.Drop(snapshot, "a.parquet", NowMillis() - 2 * kHourMs);
  ASSERT_TRUE(WriteCheckpoint(table.log, *snapshot));
  snapshot = MustLoad(table.log.Latest());
  ASSERT_TRUE(snapshot->tombstones().empty());
  EXPECT_EQ(table.Plan(*snapshot, {}, now), Names{"a.parquet"});
  EXPECT_EQ(table.Plan(*snapshot, {.retention_ms = 60 * kDayMs}, now), Names{});
}

TEST(VacuumPlan, NamesTheFoldersThatEndUpEmpty) {
  VacuumTable table;
  SnapshotPtr snapshot = table.Create();
  snapshot = table.Append(snapshot, "p=1/q=1/live.parquet");
  table.Put("p=1/q=1/old.parquet");
  table.Put("p=2/q=1/old.parquet");
  table.Put("old.parquet");
  const auto plan = PlanVacuum(table.log, *snapshot, {}, NowMillis() + 8 * kDayMs);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->files.size(), 3u);
  EXPECT_EQ(plan->folders, Names{"t/p=2/q=1"});
}

TEST(VacuumPlan, NeedsToUnderstandAllThatWritersMust) {
  VacuumTable table;
  table.PutCommit(
      0, "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":7,\"writerFeatures\":[\"unheardOf\"]}}\n" +
             kCreateLines.substr(kCreateLines.find('\n') + 1));
  const auto plan = PlanVacuum(table.log, *MustLoad(table.log.Latest()), {}, NowMillis());
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code(), ErrorCode::kDeltaUnsupported);
}

TEST(VacuumPlan, LeavesItsRecordsInTheLog) {
  VacuumTable table;
  SnapshotPtr snapshot = table.Create();
  table.Put("old.parquet");
  const VacuumOptions options{.retention_ms = 8 * kDayMs};
  const auto plan = PlanVacuum(table.log, *snapshot, options, NowMillis() + 9 * kDayMs);
  ASSERT_TRUE(plan);
  snapshot = MustCommit(table.log, VacuumStartProposal(snapshot, *plan, options));
  snapshot = MustCommit(table.log, VacuumEndProposal(snapshot, 1, 1, true));
  EXPECT_EQ(snapshot->version(), Version{2});
  const auto history = table.log.History();
  ASSERT_TRUE(history);
  const Json& end = (*history)[0].commit_info;
  const Json& start = (*history)[1].commit_info;
  EXPECT_EQ(start["operation"], "VACUUM START");
  EXPECT_EQ(
      JsonText(start["operationParameters"]),
      R"({"retentionCheckEnabled":"true","defaultRetentionMillis":"604800000","specifiedRetentionMillis":"691200000"})");
  EXPECT_EQ(JsonText(start["operationMetrics"]), R"({"numFilesToDelete":"1","sizeOfDataToDelete":"4"})");
  EXPECT_EQ(end["operation"], "VACUUM END");
  EXPECT_EQ(JsonText(end["operationParameters"]), R"({"status":"COMPLETED"})");
  EXPECT_EQ(JsonText(end["operationMetrics"]), R"({"numDeletedFiles":"1","numVacuumedDirectories":"1"})");
}

}  // namespace
}  // namespace smelt::delta
