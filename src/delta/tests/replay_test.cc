#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

using Strings = std::vector<std::string>;

/// What of a snapshot must not depend on how it was built.
std::string Describe(const Snapshot& snapshot) {
  std::string text = "version " + std::to_string(snapshot.version().value) + "\n";
  AppendAction(snapshot.protocol(), text);
  AppendAction(snapshot.metadata(), text);
  for (const auto& file : snapshot.files()) {
    Add add = *file;
    add.data_change = false;  // a checkpoint does not keep it
    AppendAction(add, text);
  }
  for (const auto& tombstone : snapshot.tombstones()) {
    Remove remove = *tombstone;
    remove.data_change = false;
    AppendAction(remove, text);
  }
  for (const auto& [id, txn] : snapshot.txns()) AppendAction(txn, text);
  for (const auto& [name, domain] : snapshot.domains()) AppendAction(domain, text);
  const Totals& totals = snapshot.totals();
  for (const std::int64_t total : {totals.bytes, totals.deletion_vectors, totals.deleted_rows}) {
    text += std::to_string(total) + "\n";
  }
  return text;
}

ErrorCode CodeOf(const Result<SnapshotPtr>& snapshot) {
  EXPECT_FALSE(snapshot.has_value());
  return snapshot ? ErrorCode::kInternal : snapshot.error().code();
}

TEST(ReplayTest, NothingIsNotATable) {
  TestTable table;
  EXPECT_EQ(table.log.LatestVersion().value(), std::nullopt);
  EXPECT_EQ(CodeOf(table.log.Latest()), ErrorCode::kDeltaNotATable);
  EXPECT_EQ(CodeOf(table.log.At({0})), ErrorCode::kDeltaNotATable);
}

TEST(ReplayTest, FilesKeepTheOrderOfTheirFirstAddition) {
  TestTable table;
  table.PutCommit(0, kCreateLines + LinesOf({AddOf("a"), AddOf("b"), AddOf("c")}));
  table.PutCommit(1, LinesOf({AddOf("d"), RemoveOf("b"), AddOf("a", 7)}));
  table.PutCommit(2, LinesOf({AddOf("b"), RemoveOf("c")}));
  const SnapshotPtr snapshot = MustLoad(table.log.Latest());
  EXPECT_EQ(Paths(*snapshot), (Strings{"a", "d", "b"}));
  EXPECT_EQ(snapshot->files()[0]->stats, R"({"numRecords":7})");
  EXPECT_EQ(TombstonePaths(*snapshot), (Strings{"c"}));
  EXPECT_EQ(Paths(*MustLoad(table.log.At({1}))), (Strings{"a", "c", "d"}));
  EXPECT_EQ(Paths(*MustLoad(table.log.At({0}))), (Strings{"a", "b", "c"}));
}

TEST(ReplayTest, ADeletionVectorMakesAnotherLogicalFile) {
  DeletionVector vector;
  vector.storage_type = "u";
  vector.path_or_inline = "xyz";
  Add add = AddOf("a");
  add.deletion_vector = vector;
  TestTable table;
  table.PutCommit(0, kCreateLines + LinesOf({AddOf("a")}));
  table.PutCommit(1, LinesOf({add, RemoveOf("a")}));
  const SnapshotPtr snapshot = MustLoad(table.log.Latest());
  ASSERT_EQ(snapshot->files().size(), 1u);
  EXPECT_EQ(snapshot->files()[0]->deletion_vector, vector);
  EXPECT_EQ(snapshot->tombstones().size(), 1u);
}

TEST(ReplayTest, TheLatestMarkAndDomainWin) {
  TestTable table;
  table.PutCommit(0, kCreateLines + LinesOf({Txn{"app", 5, {}}, Txn{"other", 1, {}}, DomainMetadata{"d", "1", false},
                                             DomainMetadata{"e", "1", false}}));
  table.PutCommit(1, LinesOf({Txn{"app", 3, {}}, DomainMetadata{"d", "2", false}, DomainMetadata{"e", "1", true}}));
  const SnapshotPtr snapshot = MustLoad(table.log.Latest());
  EXPECT_EQ(snapshot->txns().at("app").version, 3);
  EXPECT_EQ(snapshot->txns().at("other").version, 1);
  EXPECT_EQ(snapshot->domains().at("d").configuration, "2");
  EXPECT_FALSE(snapshot->domains().contains("e"));
}

TEST(ReplayTest, AnUpToDateSnapshotIsReturnedAsItIs) {
  TestTable table;
  table.PutCommit(0, kCreateLines);
  const SnapshotPtr snapshot = MustLoad(table.log.Latest());
  EXPECT_EQ(MustLoad(table.log.Latest(snapshot)), snapshot);
}

TEST(ReplayTest, CatchingUpReadsOnlyWhatIsNew) {
  std::vector<std::string> calls;
  TestTable table([&calls](const storage::FaultPoint& point) -> std::optional<storage::Fault> {
    calls.emplace_back(point.operation);
    return std::nullopt;
  });
  table.PutCommit(0, kCreateLines);
  for (int version = 1; version < 50; ++version) table.PutCommit(version, LinesOf({AddOf(std::to_string(version))}));
  const SnapshotPtr known = MustLoad(table.log.Latest());
  table.PutCommit(50, LinesOf({AddOf("x")}));
  calls.clear();
  EXPECT_EQ(MustLoad(table.log.Latest(known))->files().size(), 50u);
  EXPECT_EQ(calls, (Strings{"read", "read", "read"})) << "the known commit, the new one, and the one after it";
}

TEST(ReplayTest, ATableMadeAnewIsNotMistakenForTheOldOne) {
  TestTable table;
  table.PutCommit(0, kCreateLines + LinesOf({AddOf("old")}));
  const SnapshotPtr known = MustLoad(table.log.Latest());
  table.PutCommit(0, kCreateLines + LinesOf({AddOf("new")}));
  table.PutCommit(1, LinesOf({AddOf("newer")}));
  EXPECT_EQ(Paths(*MustLoad(table.log.Latest(known))), (Strings{"new", "newer"}));
  table.DeleteCommit(0);
  table.DeleteCommit(1);
  EXPECT_EQ(CodeOf(table.log.Latest(known)), ErrorCode::kDeltaNotATable);
}

TEST(ReplayTest, ACommitWithTheStampOfThenIsNotReadAgain) {
  Strings calls;
  TestTable table([&calls](const storage::FaultPoint& point) -> std::optional<storage::Fault> {
    calls.emplace_back(point.operation);
    return std::nullopt;
  });
  table.PutCommit(0, kCreateLines + LinesOf({AddOf("old")}));
  const SnapshotPtr known = MustLoad(table.log.Latest());
  EXPECT_EQ(MustLoad(table.log.Latest(known)), known);
  EXPECT_FALSE(known->commit_stamp().empty());
  calls.clear();
  EXPECT_EQ(MustLoad(table.log.Latest(known)), known);
  EXPECT_EQ(calls, (Strings{"read"})) << "the commit after it";
  table.PutCommit(0, kCreateLines + LinesOf({AddOf("new")}));
  EXPECT_EQ(Paths(*MustLoad(table.log.Latest(known))), (Strings{"new"}));
}

TEST(ReplayTest, ACommitThatWasPutBackAsItWasIsTheSame) {
  TestTable table;
  table.PutCommit(0, kCreateLines);
  const SnapshotPtr known = MustLoad(table.log.Latest());
  EXPECT_EQ(MustLoad(table.log.Latest(known)), known);
  table.PutCommit(0, kCreateLines);
  EXPECT_EQ(MustLoad(table.log.Latest(known)), known) << "another stamp alone does not mean another table";
}

TEST(ReplayTest, AGapIsNamed) {
  TestTable table;
  table.PutCommit(0, kCreateLines);
  table.PutCommit(1, LinesOf({AddOf("a")}));
  table.PutCommit(3, LinesOf({AddOf("b")}));
  const auto snapshot = table.log.Latest();
  ASSERT_EQ(CodeOf(snapshot), ErrorCode::kDeltaCorrupt);
  EXPECT_NE(snapshot.error().message().find("version 2 is missing"), std::string::npos) << snapshot.error().message();
  EXPECT_EQ(MustLoad(table.log.At({1}))->files().size(), 1u) << "what comes before the gap is still there";
}

TEST(ReplayTest, DamagedLogsAreRefusedClearly) {
  const std::string protocol_only = R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})";
  struct Case {
    std::string text;
    ErrorCode code;
    std::string part;
  };
  std::string bad_partition = kCreateLines;
  bad_partition.replace(bad_partition.find("\"partitionColumns\":[]"), 21, "\"partitionColumns\":[\"p\"]");
  for (const Case& damage : {
           Case{kCreateLines.substr(0, kCreateLines.size() - 20), ErrorCode::kDeltaCorrupt, "not valid JSON"},
           Case{"", ErrorCode::kDeltaCorrupt, "empty"},
           Case{protocol_only, ErrorCode::kDeltaCorrupt, "no 'metaData' action"},
           Case{kCreateLines.substr(protocol_only.size()), ErrorCode::kDeltaCorrupt, "no 'protocol' action"},
           Case{bad_partition, ErrorCode::kDeltaCorrupt, "partition column 'p'"},
           Case{kCreateLines + LinesOf({Protocol{3, 7, {"somethingNew"}, {"somethingNew"}}}),
                ErrorCode::kDeltaUnsupported, "somethingNew"},
       }) {
    TestTable table;
    table.PutCommit(0, damage.text);
    const auto snapshot = table.log.Latest();
    ASSERT_EQ(CodeOf(snapshot), damage.code) << damage.part;
    EXPECT_NE(snapshot.error().message().find(damage.part), std::string::npos) << snapshot.error().ToString();
    EXPECT_NE(snapshot.error().message().find("table 'memory:///t'"), std::string::npos) << snapshot.error().ToString();
  }
}

TEST(ReplayTest, MissingVersionsNameTheRange) {
  TestTable table;
  table.PutCommit(0, kCreateLines);
  table.PutCommit(1, LinesOf({AddOf("a")}));
  for (const std::int64_t version : {-1, 2, 100}) {
    const auto snapshot = table.log.At({version});
    ASSERT_EQ(CodeOf(snapshot), ErrorCode::kDeltaVersionMissing);
    EXPECT_NE(snapshot.error().message().find("it has versions 0 to 1"), std::string::npos)
        << snapshot.error().message();
  }
}

TEST(ReplayTest, OtherFilesInTheLogAreIgnored) {
  TestTable table;
  table.PutCommit(0, kCreateLines);
  for (const std::string name : {"00000000000000000000.crc", "00000000000000000001.json.tmp", "0000000001.json",
                                 "00000000000000000000.00000000000000000009.compacted.json", "_commits/x.json",
                                 "99999999999999999999.json", "00000000000000000007.checkpoint.0000000001.parquet"}) {
    ASSERT_TRUE(table.store->Put(table.LogKey(name), "x").has_value());
  }
  EXPECT_EQ(MustLoad(table.log.Latest())->version(), Version{0});
}

/// A random walk over adds, re-adds, removes, marks and checkpoints: however a version is loaded, it is the same.
TEST(ReplayTest, TotalsThatOthersClaimAreCountedAnewWhenTheyChange) {
  TestTable table;
  Add vast = AddOf("vast");
  vast.size_bytes = std::numeric_limits<std::int64_t>::max();
  Add negative = AddOf("negative");
  negative.size_bytes = -5;
  table.PutCommit(0, kCreateLines + LinesOf({vast, AddOf("plain")}));
  SnapshotPtr known = MustLoad(table.log.Latest());
  EXPECT_EQ(known->totals().bytes, std::numeric_limits<std::int64_t>::max());
  table.PutCommit(1, LinesOf({RemoveOf("vast"), negative}));
  known = MustLoad(table.log.Latest(known));
  EXPECT_EQ(known->totals().bytes, 95);
  table.PutCommit(2, LinesOf({RemoveOf("negative")}));
  EXPECT_EQ(MustLoad(table.log.Latest(known))->totals().bytes, 100);
}

TEST(ReplayTest, EveryWayOfLoadingAVersionGivesTheSameState) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    TestTable table;
    table.PutCommit(0, kCreateLines);
    const SnapshotPtr first = MustLoad(table.log.Latest());
    std::vector<SnapshotPtr> states = {first};
    for (std::int64_t version = 1; version <= 30; ++version) {
      std::vector<Action> actions;
      for (int i = 0; i < 4; ++i) {
        const std::string path = std::to_string(random() % 12) + "-" + std::to_string(i);
        Add add = AddOf(path, version);
        add.size_bytes += version;
        actions.push_back(random() % 3 == 0 ? Action(RemoveOf(path)) : Action(add));
      }
      actions.emplace_back(Txn{"app" + std::to_string(random() % 3), version, {}});
      actions.emplace_back(
          DomainMetadata{"d" + std::to_string(random() % 3), std::to_string(version), random() % 2 == 0});
      table.PutCommit(version, LinesOf(actions));
      states.push_back(MustLoad(table.log.Latest(states.back())));
      if (random() % 7 == 0) {
        ASSERT_TRUE(WriteCheckpoint(table.log, *states.back()).has_value());
      }
    }
    EXPECT_EQ(Describe(*MustLoad(table.log.Latest(first))), Describe(*states.back()));
    EXPECT_EQ(Describe(*MustLoad(table.log.Latest())), Describe(*states.back()));
    for (std::int64_t version = 0; version <= 30; ++version) {
      EXPECT_EQ(Describe(*MustLoad(table.log.At({version}))), Describe(*states[static_cast<std::size_t>(version)]))
          << "seed " << seed << " version " << version;
    }
  }
}

}  // namespace
}  // namespace smelt::delta
