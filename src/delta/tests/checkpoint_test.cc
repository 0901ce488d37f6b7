#include <gtest/gtest.h>

#include "base/clock.h"
#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

using Strings = std::vector<std::string>;

/// A table of `versions` commits, each adding one file, and a checkpoint at `checkpoint_at`.
struct TableWithCheckpoint : TestTable {
  TableWithCheckpoint(std::int64_t versions, std::int64_t checkpoint_at) {
    PutCommit(0, kCreateLines);
    for (std::int64_t version = 1; version < versions; ++version)
      PutCommit(version, LinesOf({AddOf(std::to_string(version))}));
    EXPECT_TRUE(WriteCheckpoint(log, *MustLoad(log.At({checkpoint_at}))).has_value());
  }
  const std::string checkpoint_key = LogKey("00000000000000000003.checkpoint.parquet");
};

TEST(CheckpointTest, ReplayBeginsAtTheCheckpoint) {
  TableWithCheckpoint table(6, 3);
  for (std::int64_t version = 0; version <= 2; ++version) table.DeleteCommit(version);
  const SnapshotPtr snapshot = MustLoad(table.log.Latest());
  EXPECT_EQ(snapshot->version(), Version{5});
  EXPECT_EQ(snapshot->checkpoint_version(), Version{3});
  EXPECT_EQ(Paths(*snapshot), (Strings{"1", "2", "3", "4", "5"}));
  EXPECT_EQ(MustLoad(table.log.At({3}))->files().size(), 3u);
  const auto before = table.log.At({2});
  ASSERT_FALSE(before.has_value());
  EXPECT_EQ(before.error().code(), ErrorCode::kDeltaVersionMissing);
  EXPECT_NE(before.error().message().find("it has versions 3 to 5"), std::string::npos) << before.error().message();
}

TEST(CheckpointTest, TheCommitFileOfTheCheckpointsVersionMayBeGone) {
  TableWithCheckpoint table(4, 3);
  for (std::int64_t version = 0; version <= 3; ++version) table.DeleteCommit(version);
  const SnapshotPtr snapshot = MustLoad(table.log.Latest());
  EXPECT_EQ(snapshot->version(), Version{3});
  EXPECT_EQ(table.log.LatestVersion().value(), Version{3});
  // Without its commit file the snapshot cannot be recognised, so it is loaded again rather than trusted.
  table.PutCommit(4, LinesOf({AddOf("4")}));
  EXPECT_EQ(MustLoad(table.log.Latest(snapshot))->version(), Version{4});
}

TEST(CheckpointTest, OfAFileThatACheckpointHasTwiceTheLastRowCounts) {
  DeletionVector vector;
  vector.storage_type = "u";
  vector.path_or_inline = "xyz";
  Add masked = AddOf("b");
  masked.deletion_vector = vector;
  TestTable table;
  ASSERT_TRUE(table.store->Put(table.LogKey("00000000000000000003.checkpoint.parquet"),
                               kCreateLines + LinesOf({AddOf("a"), AddOf("b"), masked, RemoveOf("c"), AddOf("a", 7),
                                                       RemoveOf("b"), AddOf("c"), AddOf("d")})));
  table.PutCommit(4, LinesOf({AddOf("d", 8), RemoveOf("c"), AddOf("e")}));
  const SnapshotPtr before = MustLoad(table.log.At({3}));
  EXPECT_EQ(Paths(*before), (Strings{"a", "b", "c", "d"}));
  EXPECT_EQ(before->files()[0]->stats, AddOf("a", 7).stats);
  EXPECT_EQ(before->files()[1]->deletion_vector, vector);
  EXPECT_EQ(TombstonePaths(*before), (Strings{"b"}));
  const SnapshotPtr after = MustLoad(table.log.Latest());
  EXPECT_EQ(Paths(*after), (Strings{"a", "b", "d", "e"}));
  EXPECT_EQ(after->files()[2]->stats, AddOf("d", 8).stats);
  EXPECT_EQ(TombstonePaths(*after), (Strings{"b", "c"}));
}

TEST(CheckpointTest, TheHintIsOnlyAHint) {
  for (const std::string hint : {"", "{", "[]", R"({"version":"3"})", R"({"version":-1})", R"({"version":2,"size":1})",
                                 R"({"version":5,"size":1})", R"({"version":400,"size":1})"}) {
    TableWithCheckpoint table(6, 3);
    ASSERT_TRUE(table.store->Put(table.LogKey("_last_checkpoint"), hint).has_value());
    EXPECT_EQ(MustLoad(table.log.Latest())->files().size(), 5u) << hint;
    EXPECT_EQ(MustLoad(table.log.At({2}))->files().size(), 2u) << hint;
    EXPECT_EQ(table.log.LatestVersion().value(), Version{5}) << hint;
  }
  TableWithCheckpoint table(6, 3);
  ASSERT_TRUE(table.store->Delete(table.LogKey("_last_checkpoint")).has_value());
  EXPECT_EQ(MustLoad(table.log.Latest())->checkpoint_version(), Version{3});
}

TEST(CheckpointTest, ADamagedCheckpointIsPassedOver) {
  const std::string only_add = LinesOf({AddOf("x")});
  for (const std::string& text : {std::string("garbage"), std::string(""), only_add}) {
    TableWithCheckpoint table(8, 3);
    ASSERT_TRUE(WriteCheckpoint(table.log, *MustLoad(table.log.At({6}))).has_value());
    ASSERT_TRUE(table.store->Put(table.LogKey("00000000000000000006.checkpoint.parquet"), text).has_value());
    EXPECT_EQ(MustLoad(table.log.Latest())->checkpoint_version(), Version{3}) << text;
    ASSERT_TRUE(table.store->Put(table.checkpoint_key, text).has_value());
    const SnapshotPtr snapshot = MustLoad(table.log.Latest());
    EXPECT_EQ(snapshot->checkpoint_version(), Version{-1}) << text;
    EXPECT_EQ(snapshot->files().size(), 7u) << text;
  }
}

TEST(CheckpointTest, ADamagedCheckpointWithoutWhichNothingGoesIsNamed) {
  TableWithCheckpoint table(6, 3);
  for (std::int64_t version = 0; version <= 2; ++version) table.DeleteCommit(version);
  ASSERT_TRUE(table.store->Put(table.checkpoint_key, "garbage").has_value());
  const auto snapshot = table.log.Latest();
  ASSERT_FALSE(snapshot.has_value());
  EXPECT_EQ(snapshot.error().code(), ErrorCode::kDeltaCorrupt);
  EXPECT_EQ(snapshot.error().file(), table.checkpoint_key);
  EXPECT_NE(snapshot.error().message().find("cannot be rebuilt without its checkpoint"), std::string::npos);
}

TEST(CheckpointTest, AMultiPartCheckpointCountsWhenComplete) {
  TableWithCheckpoint table(6, 3);
  const std::string text = table.store->Read(table.checkpoint_key).value();
  // The first part would pass for a checkpoint by itself; the second holds files.
  const std::size_t middle = text.find("{\"add\"");
  ASSERT_TRUE(table.store->Delete(table.checkpoint_key).has_value());
  const std::string part = "00000000000000000003.checkpoint.000000000";
  ASSERT_TRUE(table.store->Put(table.LogKey(part + "1.0000000002.parquet"), text.substr(0, middle)).has_value());
  EXPECT_EQ(MustLoad(table.log.Latest())->checkpoint_version(), Version{-1}) << "a part is missing";
  ASSERT_TRUE(table.store->Put(table.LogKey(part + "2.0000000002.parquet"), text.substr(middle)).has_value());
  const SnapshotPtr snapshot = MustLoad(table.log.Latest());
  EXPECT_EQ(snapshot->checkpoint_version(), Version{3});
  EXPECT_EQ(Paths(*snapshot), (Strings{"1", "2", "3", "4", "5"}));
}

/// The manifest in JSON or Parquet, the files in it or in sidecars, under a UUID's or the classic name.
TEST(CheckpointTest, V2CheckpointsAreRead) {
  for (const std::string ending :
       {"80a083e8-7026-4e79-81be-64bd76c43a11.json", "80a083e8-7026-4e79-81be-64bd76c43a11.parquet", "parquet"}) {
    for (const bool has_sidecars : {false, true}) {
      SCOPED_TRACE(ending + (has_sidecars ? " with sidecars" : ""));
      TestTable table;
      const std::string files = LinesOf({AddOf("a"), AddOf("b")});
      const std::string manifest = kCreateLines + LinesOf({CheckpointMetadata{4}, Txn{"app", 7, 8}});
      if (has_sidecars) {
        ASSERT_TRUE(table.store->Put(table.LogKey("_sidecars/one.parquet"), LinesOf({AddOf("a")})));
        ASSERT_TRUE(table.store->Put(table.LogKey("_sidecars/two.parquet"), LinesOf({AddOf("b")})));
      }
      const std::string rest =
          has_sidecars ? LinesOf({Sidecar{"one.parquet", 1, 2}, Sidecar{"two.parquet", 1, 2}}) : files;
      ASSERT_TRUE(table.store->Put(table.LogKey("00000000000000000004.checkpoint." + ending), manifest + rest));
      table.PutCommit(5, LinesOf({RemoveOf("a", 1), AddOf("c")}));
      const SnapshotPtr snapshot = MustLoad(table.log.Latest());
      EXPECT_EQ(snapshot->checkpoint_version(), Version{4});
      EXPECT_EQ(snapshot->files().size(), 2U);
      EXPECT_EQ(snapshot->txns().at("app").version, 7);
    }
  }
}

TEST(CheckpointTest, ASidecarThatIsGoneOrElsewhereIsDamage) {
  TableWithCheckpoint table(6, 3);
  const std::string text = table.store->Read(table.checkpoint_key).value();
  for (const char* name : {"x.parquet", "../../x.parquet", ""}) {
    ASSERT_TRUE(table.store->Put(table.checkpoint_key, text + LinesOf({Sidecar{name, 1, 2}})));
    EXPECT_EQ(MustLoad(table.log.Latest())->checkpoint_version(), Version{-1}) << "the JSON commits suffice";
  }
  table.DeleteCommit(0);
  EXPECT_FALSE(table.log.Latest().has_value());
}

TEST(CheckpointTest, TheRowsAreTheStateAndNothingElse) {
  TestTable table;
  std::string config = kCreateLines;
  config.replace(config.find("\"configuration\":{}"), 18,
                 R"("configuration":{"delta.deletedFileRetentionDuration":"interval 1 hour"})");
  Remove kept = RemoveOf("kept", NowMillis());
  kept.tags = {{"k", "v"}};
  table.PutCommit(0, config + LinesOf({CommitInfo{{{"operation", "WRITE"}}}, AddOf("a"), AddOf("b"), kept,
                                       RemoveOf("expired", NowMillis() - 2 * 3'600'000), Txn{"app", 7, 8},
                                       DomainMetadata{"d", "1", false}, DomainMetadata{"e", "1", true},
                                       Cdc{"_change_data/x", {}, 1, {}}}));
  ASSERT_TRUE(WriteCheckpoint(table.log, *MustLoad(table.log.Latest())).has_value());
  const std::string text = table.store->Read(table.LogKey("00000000000000000000.checkpoint.parquet")).value();
  const auto actions = ParseCommit(text, "checkpoint").value();
  ASSERT_EQ(actions.size(), 7u) << text;
  EXPECT_TRUE(std::holds_alternative<Protocol>(actions[0]));
  EXPECT_TRUE(std::holds_alternative<Metadata>(actions[1]));
  EXPECT_EQ(std::get<Txn>(actions[2]).last_updated_ms, 8);
  EXPECT_EQ(std::get<DomainMetadata>(actions[3]).domain, "d");
  EXPECT_FALSE(std::get<Add>(actions[4]).data_change);
  EXPECT_EQ(std::get<Add>(actions[5]).stats, R"({"numRecords":1})");
  EXPECT_EQ(std::get<Remove>(actions[6]).path, "kept");
  EXPECT_TRUE(std::get<Remove>(actions[6]).tags.empty());
  Json hint = Json::parse(table.store->Read(table.LogKey("_last_checkpoint")).value());
  EXPECT_EQ(hint.erase("checksum"), 1U);
  EXPECT_EQ(hint, (Json{{"version", 0}, {"size", 7}, {"sizeInBytes", text.size()}, {"numOfAddFiles", 2}}));
}

/// The names in a folder of the log.
std::vector<std::string> NamesIn(const TestTable& table, const std::string& folder) {
  std::vector<std::string> names;
  const auto objects = table.store->List(table.log.Key(folder)).value();
  for (const auto& object : objects) {
    names.push_back(object.key.substr(object.key.rfind('/') + 1));
  }
  return names;
}

Proposal CreateWithV2(std::map<std::string, std::string> configuration) {
  configuration["delta.checkpointPolicy"] = "v2";
  Proposal create = CreateOf(std::move(configuration));
  create.protocol = Protocol{3, 7, {"v2Checkpoint"}, {"v2Checkpoint"}};
  return create;
}

TEST(CheckpointTest, V2CheckpointsAreWrittenWhereTheTableWantsThem) {
  TestTable table;
  SnapshotPtr snapshot = MustCommit(table.log, CreateWithV2({{"delta.checkpointInterval", "2"}}));
  Proposal marked = AppendOf(snapshot, "a");
  marked.txns.push_back({"app", 7, 8});
  snapshot = MustCommit(table.log, std::move(marked));
  snapshot = MustCommit(table.log, AppendOf(snapshot, "b"));

  const auto sidecars = NamesIn(table, "_delta_log/_sidecars");
  ASSERT_EQ(sidecars.size(), 1U);
  const Json hint = Json::parse(table.store->Read(table.LogKey("_last_checkpoint")).value());
  const std::string name = hint["v2Checkpoint"]["path"];
  EXPECT_TRUE(name.starts_with("00000000000000000002.checkpoint.") && name.ends_with(".json")) << name;
  const std::string top_text = table.store->Read(table.LogKey(name)).value();
  const std::vector<Action> top = ParseCommit(top_text, name).value();
  EXPECT_EQ(std::get<CheckpointMetadata>(top.front()).version, 2);
  EXPECT_EQ(std::get<Sidecar>(top.back()).path, sidecars[0]);
  const std::string files_text = table.store->Read(table.LogKey("_sidecars/" + sidecars[0])).value();
  const std::vector<Action> files = ParseCommit(files_text, "s").value();
  EXPECT_EQ(files.size(), 2U);
  for (const Action& action : files) EXPECT_TRUE(std::holds_alternative<Add>(action));
  EXPECT_EQ(hint["size"], top.size() + files.size());

  for (const int version : {0, 1}) table.DeleteCommit(version);
  const SnapshotPtr loaded = MustLoad(table.log.Latest());
  EXPECT_EQ(loaded->checkpoint_version(), Version{2});
  EXPECT_EQ(Paths(*loaded), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(loaded->txns().at("app").version, 7);
}

TEST(CheckpointTest, ThePolicyAloneMakesNoV2Checkpoint) {
  TestTable table;
  const SnapshotPtr snapshot = MustCommit(table.log, CreateOf({{"delta.checkpointPolicy", "v2"}}));
  ASSERT_TRUE(WriteCheckpoint(table.log, *snapshot).has_value());
  EXPECT_TRUE(table.store->Exists(table.LogKey("00000000000000000000.checkpoint.parquet")).value());
}

TEST(CheckpointTest, StatisticsAreLeftOutOnlyWhenTheTableSaysSo) {
  for (const auto& [as_struct, keeps] : {std::pair("true", true), std::pair("false", false)}) {
    TestTable table;
    const SnapshotPtr base = MustCommit(table.log, CreateOf({{"delta.checkpoint.writeStatsAsJson", "false"},
                                                             {"delta.checkpoint.writeStatsAsStruct", as_struct}}));
    const SnapshotPtr snapshot = MustCommit(table.log, AppendOf(base, "a"));
    ASSERT_TRUE(WriteCheckpoint(table.log, *snapshot).has_value());
    const std::string text = table.store->Read(table.LogKey("00000000000000000001.checkpoint.parquet")).value();
    EXPECT_EQ(text.find("numRecords") != std::string::npos, keeps);
  }
}

TEST(CheckpointTest, AnOlderCheckpointDoesNotPushTheHintBack) {
  TableWithCheckpoint table(6, 3);
  ASSERT_TRUE(WriteCheckpoint(table.log, *MustLoad(table.log.At({2}))).has_value());
  const auto hinted = [&table] {
    return Json::parse(table.store->Read(table.LogKey("_last_checkpoint")).value())["version"];
  };
  EXPECT_EQ(hinted(), 3);
  ASSERT_TRUE(table.store->Delete(table.checkpoint_key).has_value());
  ASSERT_TRUE(WriteCheckpoint(table.log, *MustLoad(table.log.At({2}))).has_value());
  EXPECT_EQ(hinted(), 2) << "the newer checkpoint does not exist";
}

TEST(CheckpointTest, CommitsWriteThemAtTheTablesInterval) {
  TestTable table;
  SnapshotPtr snapshot = MustCommit(table.log, CreateOf({{"delta.checkpointInterval", "3"}}));
  for (int i = 1; i <= 7; ++i) snapshot = MustCommit(table.log, AppendOf(snapshot, std::to_string(i)));
  EXPECT_FALSE(table.store->Exists(table.LogKey("00000000000000000000.checkpoint.parquet")).value());
  EXPECT_TRUE(table.store->Exists(table.LogKey("00000000000000000003.checkpoint.parquet")).value());
  EXPECT_TRUE(table.store->Exists(table.LogKey("00000000000000000006.checkpoint.parquet")).value());
  EXPECT_EQ(MustLoad(table.log.Latest())->checkpoint_version(), Version{6});
}

}  // namespace
}  // namespace smelt::delta
