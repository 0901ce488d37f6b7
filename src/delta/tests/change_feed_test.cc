#include "delta/change_feed.h"

#include <gtest/gtest.h>

#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

using Strings = std::vector<std::string>;

Metadata WithFeed(std::string name) {
  Metadata metadata = TestMetadata({{"delta.enableChangeDataFeed", "true"}});
  metadata.name = std::move(name);
  return metadata;
}

/// A table that records its changes, of commits that add one file each; notes what is read of its log.
struct TableWithFeed : TestTable {
  explicit TableWithFeed(std::int64_t versions)
      : TestTable([this](const storage::FaultPoint& point) -> std::optional<storage::Fault> {
          if (point.operation == "read") reads.emplace_back(point.key.substr(point.key.rfind('/') + 1));
          return std::nullopt;
        }) {
    PutCommit(0, LinesOf({Protocol{1, 4, {}, {}}, WithFeed("first")}));
    for (std::int64_t version = 1; version < versions; ++version) {
      PutCommit(version, LinesOf({AddOf(std::to_string(version))}));
    }
  }

  ChangeFeed MustRead(std::int64_t from, std::optional<Version> to = {}) {
    reads.clear();
    Result<ChangeFeed> feed = ReadChanges(log, {from}, to);
    EXPECT_TRUE(feed) << feed.error().ToString();
    return feed ? *std::move(feed) : ChangeFeed();
  }

  Strings reads;
};

std::string CommitName(int version) {
  const std::string digits = std::to_string(version);
  return std::string(20 - digits.size(), '0') + digits + ".json";
}

Strings Inserted(const ChangeFeed& feed) {
  Strings paths;
  for (const VersionChanges& version : feed.versions) {
    for (const Add& add : version.inserted) paths.push_back(add.path);
  }
  return paths;
}

TEST(ChangeFeedTest, OnlyTheCommitsSinceACheckpointAreRead) {
  TableWithFeed table(50);
  ASSERT_TRUE(WriteCheckpoint(table.log, *MustLoad(table.log.At({40}))));
  const ChangeFeed feed = table.MustRead(43, Version{45});
  EXPECT_EQ(Inserted(feed), (Strings{"43", "44", "45"}));
  EXPECT_EQ(feed.metadata.name, "first");
  EXPECT_EQ(table.reads,
            (Strings{"_last_checkpoint", CommitName(43), CommitName(42), CommitName(41),
                     "00000000000000000040.checkpoint.parquet", CommitName(43), CommitName(44), CommitName(45)}));
}

TEST(ChangeFeedTest, TheDefinitionIsTheOneOfTheVersions) {
  TableWithFeed table(5);
  table.PutCommit(5, LinesOf({WithFeed("second"), AddOf("5")}));
  table.PutCommit(6, LinesOf({AddOf("6")}));
  table.PutCommit(7, LinesOf({WithFeed("third"), Protocol{1, 5, {}, {}}}));
  EXPECT_EQ(table.MustRead(3, Version{4}).metadata.name, "first");
  EXPECT_EQ(table.MustRead(3, Version{6}).metadata.name, "second");
  EXPECT_EQ(table.MustRead(6, Version{6}).metadata.name, "second");
  EXPECT_EQ(table.MustRead(6, Version{6}).protocol.min_writer_version, 4);
  const ChangeFeed feed = table.MustRead(2);
  EXPECT_EQ(Inserted(feed), (Strings{"2", "3", "4", "5", "6"}));
  EXPECT_EQ(feed.metadata.name, "third");
  EXPECT_EQ(feed.protocol.min_writer_version, 5);
}

TEST(ChangeFeedTest, ADamagedCheckpointDoesNotHideTheDefinition) {
  TableWithFeed table(8);
  ASSERT_TRUE(WriteCheckpoint(table.log, *MustLoad(table.log.At({5}))));
  ASSERT_TRUE(table.store->Put(table.LogKey("00000000000000000005.checkpoint.parquet"), "garbage"));
  EXPECT_EQ(Inserted(table.MustRead(6)), (Strings{"6", "7"}));
}

TEST(ChangeFeedTest, TheCommitsBeforeTheCheckpointMayBeGone) {
  TableWithFeed table(8);
  ASSERT_TRUE(WriteCheckpoint(table.log, *MustLoad(table.log.At({5}))));
  for (std::int64_t version = 0; version <= 5; ++version) table.DeleteCommit(version);
  EXPECT_EQ(Inserted(table.MustRead(6)), (Strings{"6", "7"}));
  const auto feed = ReadChanges(table.log, {5});
  ASSERT_FALSE(feed);
  EXPECT_EQ(feed.error().code(), ErrorCode::kDeltaVersionMissing);
  EXPECT_NE(feed.error().message().find("no longer in the log"), std::string::npos) << feed.error().message();
  EXPECT_EQ(ReadChanges(table.log, {2}).error().code(), ErrorCode::kDeltaVersionMissing);
}

TEST(ChangeFeedTest, VersionsThatAreNotThereAreRefused) {
  TableWithFeed table(3);
  for (const auto& [from, to] :
       {std::pair{Version{2}, Version{1}}, {Version{-1}, Version{1}}, {Version{1}, Version{3}}}) {
    const auto feed = ReadChanges(table.log, from, to);
    ASSERT_FALSE(feed);
    EXPECT_EQ(feed.error().code(), ErrorCode::kDeltaVersionMissing);
  }
  TestTable none;
  EXPECT_EQ(ReadChanges(none.log, {0}).error().code(), ErrorCode::kDeltaNotATable);
}

}  // namespace
}  // namespace smelt::delta
