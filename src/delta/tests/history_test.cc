#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

/// A log in a local folder, whose files' times can be set.
class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest()
      : folder_(std::filesystem::temp_directory_path() / ("smelt-history-" + NewUuid())),
        table_(storage::OpenLocalStore(folder_.string())) {}
  ~HistoryTest() override { std::filesystem::remove_all(folder_); }

  void PutCommitAt(std::int64_t version, std::int64_t ms, const std::string& text) {
    table_.PutCommit(version, text);
    const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
    std::filesystem::last_write_time(folder_ / table_.log.CommitKey({version}),
                                     std::chrono::file_clock::from_sys(time));
  }

  std::int64_t VersionAt(std::int64_t ms) const {
    const Result<Version> version = table_.log.VersionAt(ms);
    EXPECT_TRUE(version.has_value()) << (version ? "" : version.error().ToString());
    return version ? version->value : -2;
  }

  ErrorCode FailureAt(std::int64_t ms) const {
    const Result<Version> version = table_.log.VersionAt(ms);
    EXPECT_FALSE(version.has_value());
    return version ? ErrorCode::kInternal : version.error().code();
  }

  std::filesystem::path folder_;
  TestTable table_;
};

std::string CommitWith(std::int64_t in_commit_timestamp, const std::string& rest = "") {
  return LinesOf({CommitInfo{{{"operation", "WRITE"}, {"inCommitTimestamp", in_commit_timestamp}}}}) + rest;
}

TEST_F(HistoryTest, TimeTravelGoesByTheTimesOfTheFiles) {
  PutCommitAt(0, 1'000, kCreateLines);
  PutCommitAt(1, 2'000, LinesOf({AddOf("a")}));
  PutCommitAt(2, 3'000, LinesOf({AddOf("b")}));
  EXPECT_EQ(VersionAt(1'000), 0);
  EXPECT_EQ(VersionAt(1'999), 0);
  EXPECT_EQ(VersionAt(2'000), 1);
  EXPECT_EQ(VersionAt(3'000), 2);
  EXPECT_EQ(FailureAt(999), ErrorCode::kDeltaVersionMissing);
  EXPECT_EQ(FailureAt(3'001), ErrorCode::kDeltaVersionMissing);
  EXPECT_NE(
      table_.log.VersionAt(0).error().message().find("1970-01-01T00:00:01.000000Z to 1970-01-01T00:00:03.000000Z"),
      std::string::npos);
  EXPECT_EQ(MustLoad(table_.log.At({1}))->timestamp_ms(), 2'000);
}

TEST_F(HistoryTest, FileTimesThatGoBackwardsAreStraightened) {
  PutCommitAt(0, 5'000, kCreateLines);
  PutCommitAt(1, 4'000, LinesOf({AddOf("a")}));
  PutCommitAt(2, 5'001, LinesOf({AddOf("b")}));
  EXPECT_EQ(VersionAt(5'000), 0);
  EXPECT_EQ(VersionAt(5'001), 1);
  EXPECT_EQ(VersionAt(5'002), 2);
  EXPECT_EQ(FailureAt(4'500), ErrorCode::kDeltaVersionMissing);
  // What the history says can be asked for.
  const auto history = table_.log.History(0);
  ASSERT_TRUE(history.has_value());
  for (const HistoryEntry& entry : *history) EXPECT_EQ(VersionAt(entry.timestamp_ms), entry.version.value);
}

TEST_F(HistoryTest, OnlyVersionsThatCanBeRebuiltAreOffered) {
  PutCommitAt(0, 1'000, kCreateLines);
  for (std::int64_t version = 1; version <= 4; ++version) PutCommitAt(version, 1'000 + version, LinesOf({AddOf("a")}));
  ASSERT_TRUE(WriteCheckpoint(table_.log, *MustLoad(table_.log.At({2}))).has_value());
  table_.DeleteCommit(0);
  EXPECT_EQ(FailureAt(1'001), ErrorCode::kDeltaVersionMissing);
  EXPECT_EQ(VersionAt(1'002), 2);
}

const std::string kOwnTimes =
    R"({"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["inCommitTimestamp"]}})"
    "\n";

std::string MetadataLine(std::map<std::string, std::string> configuration) {
  configuration.emplace("delta.enableInCommitTimestamps", "true");
  return LinesOf({TestMetadata(std::move(configuration))});
}

TEST_F(HistoryTest, InCommitTimestampsGoBeforeFileTimes) {
  PutCommitAt(0, 9'000, CommitWith(1'000, kOwnTimes + MetadataLine({})));
  PutCommitAt(1, 8'000, CommitWith(2'000));
  PutCommitAt(2, 7'000, CommitWith(3'000));
  EXPECT_EQ(VersionAt(1'500), 0);
  EXPECT_EQ(VersionAt(2'000), 1);
  EXPECT_EQ(VersionAt(3'000), 2);
  EXPECT_EQ(FailureAt(3'001), ErrorCode::kDeltaVersionMissing);
  EXPECT_EQ(FailureAt(999), ErrorCode::kDeltaVersionMissing);
  EXPECT_EQ(MustLoad(table_.log.Latest())->timestamp_ms(), 3'000);
}

TEST_F(HistoryTest, VersionsBeforeTheyWereEnabledGoByFileTimes) {
  PutCommitAt(0, 1'000, kCreateLines);
  PutCommitAt(1, 2'000, LinesOf({AddOf("a")}));
  PutCommitAt(2, 99'000,
              CommitWith(3'000, kOwnTimes + MetadataLine({{"delta.inCommitTimestampEnablementVersion", "2"},
                                                          {"delta.inCommitTimestampEnablementTimestamp", "3000"}})));
  PutCommitAt(3, 99'001, CommitWith(4'000));
  EXPECT_EQ(VersionAt(1'500), 0);
  EXPECT_EQ(VersionAt(2'999), 1);
  EXPECT_EQ(VersionAt(3'000), 2);
  EXPECT_EQ(VersionAt(4'000), 3);
  EXPECT_EQ(FailureAt(4'001), ErrorCode::kDeltaVersionMissing);
}

TEST_F(HistoryTest, ACommitWithoutItsTimestampIsDamage) {
  PutCommitAt(0, 1'000, CommitWith(1'000, kOwnTimes + MetadataLine({})));
  PutCommitAt(1, 2'000, LinesOf({AddOf("a")}));
  EXPECT_EQ(FailureAt(1'500), ErrorCode::kDeltaCorrupt);
}

TEST_F(HistoryTest, AFileThatOnlyGetsAnotherDeletionVectorBringsNoRow) {
  PutCommitAt(0, 1'000, kCreateLines);
  PutCommitAt(1, 2'000, LinesOf({AddOf("a", 5)}));
  PutCommitAt(2, 3'000, LinesOf({RemoveOf("a"), AddOf("a", 5), AddOf("b", 6)}));
  const auto history = table_.log.History().value();
  EXPECT_EQ(history[0].rows_added, 6);
  EXPECT_EQ(history[0].files_added, 2);
  EXPECT_EQ(history[0].files_removed, 1);
}

TEST_F(HistoryTest, HistoryTellsTheNewestFirst) {
  PutCommitAt(0, 1'000, kCreateLines);
  PutCommitAt(1, 2'000, LinesOf({CommitInfo{{{"operation", "WRITE"}}}, AddOf("a", 5), AddOf("b", 6)}));
  PutCommitAt(2, 3'000, CommitWith(2'500, LinesOf({RemoveOf("a")})));
  const auto history = table_.log.History().value();
  ASSERT_EQ(history.size(), 3u);
  EXPECT_EQ(history[0].version, Version{2});
  EXPECT_EQ(history[0].timestamp_ms, 2'500);
  EXPECT_EQ(history[0].files_removed, 1);
  EXPECT_EQ(history[1].timestamp_ms, 2'000);
  EXPECT_EQ(history[1].files_added, 2);
  EXPECT_EQ(history[1].rows_added, 11);
  EXPECT_EQ(history[1].commit_info["operation"], "WRITE");
  EXPECT_TRUE(history[2].commit_info.is_null());
  const auto newest = table_.log.History(2).value();
  ASSERT_EQ(newest.size(), 2u);
  EXPECT_EQ(newest[1].version, Version{1});
  TestTable nothing;
  EXPECT_EQ(nothing.log.History().error().code(), ErrorCode::kDeltaNotATable);
}

}  // namespace
}  // namespace smelt::delta
