#include "delta/internal/log_cleanup.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

storage::ObjectInfo File(const std::string& name, std::int64_t modified_ms) {
  return {"t/_delta_log/" + name, 1, modified_ms};
}

std::string Digits(std::int64_t version) {
  std::string digits = std::to_string(version);
  return std::string(20 - digits.size(), '0') + digits;
}

/// Commits 0 to 30, version v made at time 100 v, and checkpoints of 10, 20 and 30.
std::vector<storage::ObjectInfo> LongLog() {
  std::vector<storage::ObjectInfo> objects;
  for (std::int64_t version = 0; version <= 30; ++version) {
    objects.push_back(File(Digits(version) + ".json", version * 100));
    if (version > 0 && version % 10 == 0) {
      objects.push_back(File(Digits(version) + ".checkpoint.parquet", version * 100));
    }
  }
  return objects;
}

TEST(PlanLogCleanup, KeepsAllFromTheNewestCheckpointThatIsOldEnough) {
  EXPECT_TRUE(PlanLogCleanup(LongLog(), 1'000).empty()) << "no checkpoint is older";
  for (const std::int64_t cutoff_ms : {1'001, 1'950, 2'000}) {
    const auto keys = PlanLogCleanup(LongLog(), cutoff_ms);
    ASSERT_EQ(keys.size(), 10u) << cutoff_ms;
    EXPECT_EQ(keys.front(), "t/_delta_log/" + Digits(0) + ".json");
    EXPECT_EQ(keys.back(), "t/_delta_log/" + Digits(9) + ".json");
  }
  EXPECT_EQ(PlanLogCleanup(LongLog(), 2'001).size(), 21u) << "with the checkpoint of version 10";
}

TEST(PlanLogCleanup, AVersionIsNeverOlderThanTheOneBeforeIt) {
  auto objects = LongLog();
  for (auto& object : objects) {
    if (object.key.ends_with(Digits(5) + ".json")) object.modified_ms = 5'000;
  }
  EXPECT_TRUE(PlanLogCleanup(objects, 4'000).empty());
}

TEST(PlanLogCleanup, ACheckpointThatIsNotCompleteDoesNotCount) {
  auto objects = LongLog();
  std::erase_if(objects, [](const auto& object) { return object.key.ends_with(".checkpoint.parquet"); });
  objects.push_back(File(Digits(10) + ".checkpoint.0000000001.0000000002.parquet", 0));
  EXPECT_TRUE(PlanLogCleanup(objects, 10'000).empty());
  objects.push_back(File(Digits(10) + ".checkpoint.0000000002.0000000002.parquet", 0));
  EXPECT_EQ(PlanLogCleanup(objects, 10'000).size(), 10u);
}

TEST(PlanLogCleanup, TakesChecksumsAndCompactionsAndNothingUnknown) {
  const auto plan =
      PlanLogCleanup({File(Digits(4) + ".crc", 1), File(Digits(1) + "." + Digits(4) + ".compacted.json", 1),
                      File(Digits(1) + "." + Digits(7) + ".compacted.json", 1), File(Digits(4) + ".something", 1),
                      File("_last_checkpoint", 1), File("0004.json", 1), File(Digits(5) + ".json", 1),
                      File(Digits(5) + ".checkpoint.parquet", 1)},
                     10);
  EXPECT_EQ(plan, (std::vector<std::string>{"t/_delta_log/" + Digits(1) + "." + Digits(4) + ".compacted.json",
                                            "t/_delta_log/" + Digits(4) + ".crc"}));
}

/// Commits `count` versions, of which every fifth gets a checkpoint; cleanup keeps nothing that it may delete.
SnapshotPtr WriteVersions(TestTable& table, int count, std::map<std::string, std::string> configuration) {
  configuration["delta.checkpointInterval"] = "5";
  SnapshotPtr snapshot = MustCommit(table.log, CreateOf(std::move(configuration)));
  for (int i = 1; i <= count; ++i) {
    // The times of files are whole milliseconds: a cleanup only sees what is older than its own.
    const std::int64_t begin = NowMillis();
    while (NowMillis() <= begin) {
    }
    snapshot = MustCommit(table.log, AppendOf(snapshot, "f" + std::to_string(i)));
  }
  return snapshot;
}

TEST(CleanUpLog, RunsWithCheckpointsAndKeepsEveryLaterVersionReadable) {
  TestTable table;
  WriteVersions(table, 12, {{"delta.logRetentionDuration", "interval 0 seconds"}});
  EXPECT_FALSE(table.store->Exists(table.log.CommitKey({4})).value());
  EXPECT_FALSE(table.log.At({4})) << "version 4 expired when the checkpoint of version 10 was written";
  for (std::int64_t version = 10; version <= 12; ++version) {
    EXPECT_EQ(MustLoad(table.log.At({version}))->files().size(), static_cast<std::size_t>(version));
  }
}

TEST(CleanUpLog, TakesTheSidecarsOfCheckpointsThatAreGone) {
  TestTable table;
  Proposal create = CreateOf({{"delta.checkpointPolicy", "v2"}, {"delta.checkpointInterval", "100"}});
  create.protocol = Protocol{3, 7, {"v2Checkpoint"}, {"v2Checkpoint"}};
  SnapshotPtr snapshot = MustCommit(table.log, std::move(create));
  for (const std::string path : {"a", "b"}) {
    snapshot = MustCommit(table.log, AppendOf(snapshot, path));
    ASSERT_TRUE(WriteCheckpoint(table.log, *snapshot));
  }
  const std::string folder = table.log.Key("_delta_log/_sidecars");
  ASSERT_EQ(table.store->List(folder)->size(), 2U);
  ASSERT_TRUE(CleanUpLog(table.log, snapshot->metadata(), NowMillis() + 365LL * 24 * 3'600'000));
  EXPECT_EQ(table.store->List(folder)->size(), 1U);
  EXPECT_EQ(Paths(*MustLoad(table.log.Latest())), (std::vector<std::string>{"a", "b"}));
}

TEST(CleanUpLog, CanBeSwitchedOffAndWaitsForTheRetention) {
  const std::map<std::string, std::string> off = {{"delta.logRetentionDuration", "interval 0 seconds"},
                                                  {"delta.enableExpiredLogCleanup", "false"}};
  for (const auto& configuration : {off, std::map<std::string, std::string>{}}) {
    TestTable table;
    WriteVersions(table, 12, configuration);
    EXPECT_EQ(MustLoad(table.log.At({0}))->files().size(), 0u);
  }
}

TEST(CleanUpLog, ALogThatBeganWithinTheRetentionIsNotListed) {
  int listings = 0;
  TestTable table([&](const storage::FaultPoint& point) -> std::optional<storage::Fault> {
    listings += point.operation == "list" ? 1 : 0;
    return std::nullopt;
  });
  const SnapshotPtr snapshot = WriteVersions(table, 12, {});
  const std::int64_t due_ms = NowMillis() + 365LL * 24 * 3'600'000;
  listings = 0;
  ASSERT_TRUE(CleanUpLog(table.log, snapshot->metadata(), NowMillis()));
  EXPECT_EQ(listings, 0);
  ASSERT_TRUE(CleanUpLog(table.log, snapshot->metadata(), due_ms));
  EXPECT_FALSE(table.log.At({4})) << "the year after, the checkpoint of version 10 is enough";
  listings = 0;
  ASSERT_TRUE(CleanUpLog(table.log, snapshot->metadata(), NowMillis()));
  EXPECT_EQ(listings, 1) << "the first commit is gone and says nothing any more";
}

TEST(CleanUpLog, AFailureDoesNotHarmTheCommit) {
  TestTable table([](const storage::FaultPoint& point) -> std::optional<storage::Fault> {
    if (point.operation != "delete") return std::nullopt;
    return storage::Fault{Error(ErrorCode::kStoreIo, "no deletes today"), false};
  });
  const SnapshotPtr snapshot = WriteVersions(table, 12, {{"delta.logRetentionDuration", "interval 0 seconds"}});
  EXPECT_EQ(snapshot->version(), Version{12});
  EXPECT_EQ(MustLoad(table.log.At({0}))->files().size(), 0u);
}

}  // namespace
}  // namespace smelt::delta
