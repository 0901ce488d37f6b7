#include "delta/internal/version_checksum.h"

#include <gtest/gtest.h>

#include "delta/internal/json_checksum.h"
#include "delta/internal/log_listing.h"
#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

using Strings = std::vector<std::string>;

std::string ChecksumName(int version) {
  return "0000000000000000000" + std::to_string(version) + ".crc";
}

Json ReadJson(TestTable& table, const std::string& name) {
  return Json::parse(table.store->Read(table.LogKey(name)).value());
}

void PutText(TestTable& table, const std::string& name, const std::string& text) {
  ASSERT_TRUE(table.store->Put(table.LogKey(name), text).has_value());
}

/// Three versions: empty, one file, two files.
void Fill(TestTable& table) {
  SnapshotPtr snapshot = MustCommit(table.log, CreateOf());
  snapshot = MustCommit(table.log, AppendOf(snapshot, "a"));
  MustCommit(table.log, AppendOf(snapshot, "b"));
}

TEST(VersionChecksum, DescribesTheStateAfterEachCommit) {
  TestTable table;
  SnapshotPtr snapshot = MustCommit(table.log, CreateOf());
  Add add = AddOf("a");
  add.size_bytes = 7;
  add.deletion_vector = DeletionVector{"i", "x", {}, 4, 3};
  Proposal proposal = AppendOf(snapshot, "b");
  proposal.adds.push_back(add);
  MustCommit(table.log, std::move(proposal));

  const Json checksum = ReadJson(table, ChecksumName(1));
  const Json commit = std::get<CommitInfo>(table.log.ReadCommit({1}).value().front()).fields;
  EXPECT_EQ(checksum["txnId"], commit["txnId"]);
  EXPECT_EQ(checksum["numFiles"], 2);
  EXPECT_EQ(checksum["tableSizeBytes"], 107);
  EXPECT_EQ(checksum["numDeletionVectorsOpt"], 1);
  EXPECT_EQ(checksum["numDeletedRecordsOpt"], 3);
  EXPECT_EQ(checksum["numMetadata"], 1);
  EXPECT_EQ(checksum["numProtocol"], 1);
  EXPECT_EQ(checksum["metadata"]["id"], "test-table");
  EXPECT_EQ(checksum["protocol"]["minWriterVersion"], 2);
  EXPECT_FALSE(checksum.contains("inCommitTimestampOpt"));
  EXPECT_EQ(ReadJson(table, ChecksumName(0))["numFiles"], 0);
}

TEST(VersionChecksum, AStateThatDiffersIsFoundOut) {
  TestTable table;
  Fill(table);
  table.PutCommit(1, LinesOf({AddOf("a"), AddOf("smuggled")}));
  const SnapshotPtr loaded = MustLoad(table.log.Latest());
  EXPECT_EQ(Paths(*loaded), (Strings{"a", "smuggled", "b"})) << "the commits are the truth";
  const auto last = table.log.ReadCommit({2}).value();
  const std::string txn_id = std::get<CommitInfo>(last.front()).fields["txnId"];
  const Status checked = CheckVersionChecksum(table.log, *loaded, txn_id);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code(), ErrorCode::kDeltaCorrupt);
  EXPECT_NE(checked.error().ToString().find("numFiles is 2 there and 3 here"), std::string::npos)
      << checked.error().ToString();
  EXPECT_NE(checked.error().ToString().find(ChecksumName(2)), std::string::npos) << checked.error().ToString();
  EXPECT_NE(checked.error().hint(), "");
}

TEST(VersionChecksum, AWrongCheckpointWithoutTheCommitsBeforeItIsRefused) {
  TestTable table;
  Fill(table);
  ASSERT_TRUE(WriteCheckpoint(table.log, *MustLoad(table.log.At({1}))).has_value());
  const std::string key = "00000000000000000001.checkpoint.parquet";
  const std::string text = table.store->Read(table.LogKey(key)).value();
  PutText(table, key, text + LinesOf({AddOf("smuggled")}));
  table.DeleteCommit(0);
  const auto loaded = table.log.Latest();
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code(), ErrorCode::kDeltaCorrupt);
  ASSERT_TRUE(table.store->Delete(table.LogKey(ChecksumName(2))).has_value());
  EXPECT_EQ(MustLoad(table.log.Latest())->files().size(), 3U) << "as the hint says";
}

TEST(VersionChecksum, AWrongCheckpointIsPassedOver) {
  TestTable table;
  Fill(table);
  const SnapshotPtr first = MustLoad(table.log.At({1}));
  ASSERT_TRUE(WriteCheckpoint(table.log, *first).has_value());
  const std::string key = "00000000000000000001.checkpoint.parquet";
  std::string text = table.store->Read(table.LogKey(key)).value();
  const std::size_t begin = text.find("{\"add\"");
  PutText(table, key, text.erase(begin, text.find('\n', begin) + 1 - begin));
  const SnapshotPtr loaded = MustLoad(table.log.Latest());
  EXPECT_EQ(Paths(*loaded), (Strings{"a", "b"}));
  EXPECT_EQ(loaded->checkpoint_version(), Version{-1});
}

TEST(VersionChecksum, WhatSaysNothingOfTheCommitBreaksNothing) {
  const std::string stale = R"({"txnId":"of another table","tableSizeBytes":1,"numFiles":99})";
  const std::string anonymous = R"({"tableSizeBytes":1,"numFiles":99})";
  for (const std::string& text : {stale, anonymous, std::string("{\"txnId\":"), std::string(), std::string("[]"),
                                  std::string(R"({"txnId":7,"numFiles":"many"})")}) {
    TestTable table;
    Fill(table);
    for (const int version : {0, 1, 2, 3, 9}) PutText(table, ChecksumName(version), text);
    EXPECT_EQ(MustLoad(table.log.Latest())->version(), Version{2}) << text;
    EXPECT_EQ(Paths(*MustLoad(table.log.At({1}))), (Strings{"a"})) << text;
  }
}

TEST(VersionChecksum, AFailureToWriteItIsNoError) {
  TestTable table([](const storage::FaultPoint& point) -> std::optional<storage::Fault> {
    if (!point.key.ends_with(".crc")) return std::nullopt;
    return storage::Fault{Error(ErrorCode::kStoreFull, "full"), false};
  });
  Fill(table);
  EXPECT_EQ(MustLoad(table.log.Latest())->version(), Version{2});
}

/// Written by the reference implementation.
TEST(JsonChecksum, AgreesWithTheReference) {
  const Json pointer = Json::parse(
      R"({"version":0,"size":6,"sizeInBytes":9889,"numOfAddFiles":2,"v2Checkpoint":{"path":)"
      R"("00000000000000000000.checkpoint.0e42c15b-17cc-4918-990d-2ff76e918e4d.json","sizeInBytes":686,)"
      R"("modificationTime":1739329764061,"nonFileActions":[{"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
      R"("readerFeatures":["v2Checkpoint"],"writerFeatures":["v2Checkpoint","appendOnly","invariants"]}},{"metaData":)"
      R"({"id":"f03ce383-0d09-4e1c-9446-8d80e1a59daa","format":{"provider":"parquet","options":{}},"schemaString":)"
      R"("{\"type\":\"struct\",\"fields\":[{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}}]}",)"
      R"("partitionColumns":[],"configuration":{"delta.checkpointPolicy":"v2"},"createdTime":1739329763101}},)"
      R"({"checkpointMetadata":{"version":0}}],"sidecarFiles":[{"path":"00000000000000000000.checkpoint.0000000001.)"
      R"(0000000001.9167a758-dd93-4e52-8636-7cf5776eb10f.parquet","sizeInBytes":9203,"modificationTime":)"
      R"(1739329764031}]},"checksum":"faac1cfe0a308fc671d5b956b95e93eb"})");
  EXPECT_EQ(JsonChecksum(pointer), "faac1cfe0a308fc671d5b956b95e93eb");
}

TEST(JsonChecksum, GuardsTheCheckpointPointer) {
  TestTable table;
  Fill(table);
  ASSERT_TRUE(WriteCheckpoint(table.log, *MustLoad(table.log.Latest())).has_value());
  Json pointer = ReadJson(table, "_last_checkpoint");
  EXPECT_EQ(pointer["checksum"], JsonChecksum(pointer));
  const auto load = [&] { return MustLoad(table.log.Latest())->checkpoint_version(); };
  EXPECT_EQ(load(), Version{2});
  EXPECT_EQ(ReadCheckpointHint(table.log), Version{2});
  pointer["version"] = 1;  // the checksum does not fit any more
  PutText(table, "_last_checkpoint", JsonText(pointer));
  EXPECT_EQ(ReadCheckpointHint(table.log), std::nullopt);
  EXPECT_EQ(load(), Version{2}) << "found by listing";
}

TEST(LogCompaction, ReplacesTheCommitsThatItHolds) {
  TestTable table;
  table.PutCommit(0, kCreateLines);
  table.PutCommit(1, LinesOf({AddOf("a"), AddOf("b")}));
  table.PutCommit(2, LinesOf({RemoveOf("a"), AddOf("c")}));
  table.PutCommit(3, LinesOf({AddOf("d"), Txn{"app", 3, {}}}));
  const std::string compacted = "00000000000000000001.00000000000000000002.compacted.json";
  PutText(table, compacted, LinesOf({RemoveOf("a"), AddOf("b"), AddOf("c")}));
  PutText(table, "00000000000000000001.00000000000000000009.compacted.json", LinesOf({AddOf("of the future")}));
  const Strings expected = {"b", "c", "d"};
  EXPECT_EQ(Paths(*MustLoad(table.log.Latest())), expected);
  EXPECT_EQ(Paths(*MustLoad(table.log.At({2}))), (Strings{"b", "c"}));
  EXPECT_EQ(Paths(*MustLoad(table.log.At({1}))), (Strings{"a", "b"})) << "it leads too far";

  // It is read instead of the first commit, which may be as wrong as it likes, and passed over when it is damaged.
  const std::string first = table.store->Read(table.log.CommitKey({1})).value();
  table.PutCommit(1, "damaged");
  EXPECT_EQ(Paths(*MustLoad(table.log.Latest())), expected);
  table.PutCommit(1, first);
  PutText(table, compacted, LinesOf({AddOf("c"), RemoveOf("a"), AddOf("b"), AddOf("a")}));
  EXPECT_EQ(Paths(*MustLoad(table.log.Latest())), expected) << "not reconciled: which action counts is not said";
  PutText(table, compacted, "damaged");
  EXPECT_EQ(Paths(*MustLoad(table.log.Latest())), expected);
}

}  // namespace
}  // namespace smelt::delta
