// What becomes of a transaction when another writer commits before it: every pair of kinds, through two engines over
// one lake, as two processes are. On a store elsewhere with SMELT_TEST_LAKES.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/id.h"
#include "engine/session.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;

/// One engine and a session of it.
struct Writer {
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Session> session;
};

Writer Open(const std::string& lake) {
  LakeOptions options;
  options.lake = lake;
  options.threads = 2;
  auto engine = Engine::Open(options);
  EXPECT_TRUE(engine) << engine.error().ToString();
  auto session = (*engine)->Connect();
  EXPECT_TRUE(session) << session.error().ToString();
  return {std::move(*engine), std::move(*session)};
}

std::string RowsOf(Session& session) {
  const auto table = session.Query("select i, n from t order by i, n");
  if (!table) return table.error().ToString();
  std::string text;
  for (const auto& row : table->rows) text += (text.empty() ? "" : " ") + *row[0] + ":" + row[1].value_or("-");
  return text;
}

/// A pair of writes, and whether the first transaction fails for the second, which commits before it.
struct Pair {
  std::string name;
  std::string mine;
  std::string theirs;
  bool conflicts;
  std::string rows;  ///< in the end
};

class ConflictMatrixTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* elsewhere = std::getenv("SMELT_TEST_LAKES");
    is_local_ = elsewhere == nullptr;
    lake_ = is_local_ ? (fs::temp_directory_path() / ("smelt-conflicts-" + NewUuid())).string()
                      : elsewhere + ("/" + NewUuid());
    mine_ = Open(lake_);
    theirs_ = Open(lake_);
  }
  void TearDown() override {
    mine_ = {};
    theirs_ = {};
    if (is_local_) fs::remove_all(lake_);
  }

  /// A table of two files: 1 and 2, 3 and 4.
  void Make(const std::string& properties) {
    const auto made =
        mine_.session->Execute("create or replace table t (i int, n int) with (" + properties +
                               "); insert into t values (1, 1), (2, 2); insert into t values (3, 3), (4, 4)");
    ASSERT_TRUE(made) << made.error().ToString();
  }

  void Expect(const std::vector<Pair>& pairs, const std::string& properties) {
    for (const Pair& pair : pairs) {
      SCOPED_TRACE(pair.name);
      Make(properties);
      const auto begun = mine_.session->Execute("begin; " + pair.mine);
      ASSERT_TRUE(begun) << begun.error().ToString();
      const auto other = theirs_.session->Execute(pair.theirs);
      ASSERT_TRUE(other) << other.error().ToString();
      const auto committed = mine_.session->Execute("commit");
      EXPECT_EQ(!committed, pair.conflicts) << (committed ? "" : committed.error().ToString());
      if (!committed) {
        EXPECT_EQ(committed.error().code(), ErrorCode::kDeltaConflict) << committed.error().ToString();
      }
      EXPECT_EQ(RowsOf(*mine_.session), pair.rows);
      EXPECT_EQ(RowsOf(*theirs_.session), pair.rows);
    }
  }

  bool is_local_ = true;
  std::string lake_;
  Writer mine_, theirs_;
};

constexpr const char* kAppend = "insert into t values (5, 5)";
constexpr const char* kAppendOther = "insert into t values (6, 6)";
constexpr const char* kDelete = "delete from t where i = 1";
constexpr const char* kDeleteBeside = "delete from t where i = 2";
constexpr const char* kDeleteElsewhere = "delete from t where i = 3";
constexpr const char* kUpdate = "update t set n = 10 where i = 1";
constexpr const char* kMerge =
    "merge into t using (values (1, 11), (7, 7)) s(i, n) on t.i = s.i when matched then update set n = s.n "
    "when not matched then insert values (s.i, s.n)";
constexpr const char* kFromItself = "insert into t select 100 + max(i), 0 from t";
constexpr const char* kOptimize = "call optimize('t')";
constexpr const char* kAlter = "alter table t add column more int";
constexpr const char* kFeature = "alter table t set ('delta.enableChangeDataFeed' = 'true')";

TEST_F(ConflictMatrixTest, FilesAreCopiedOnWrite) {
  Expect({{"append, append", kAppend, kAppendOther, false, "1:1 2:2 3:3 4:4 5:5 6:6"},
          {"append, delete", kAppend, kDelete, false, "2:2 3:3 4:4 5:5"},
          {"append, update", kAppend, kUpdate, false, "1:10 2:2 3:3 4:4 5:5"},
          {"append, merge", kAppend, kMerge, false, "1:11 2:2 3:3 4:4 5:5 7:7"},
          {"append, optimize", kAppend, kOptimize, false, "1:1 2:2 3:3 4:4 5:5"},
          {"append, new column", kAppend, kAlter, true, "1:1 2:2 3:3 4:4"},
          {"append, new feature", kAppend, kFeature, true, "1:1 2:2 3:3 4:4"},
          {"append of what it read, append", kFromItself, kAppendOther, false, "1:1 2:2 3:3 4:4 6:6 104:0"},
          {"append of what it read, delete", kFromItself, kDelete, true, "2:2 3:3 4:4"},
          {"delete, append", kDelete, kAppendOther, false, "2:2 3:3 4:4 6:6"},
          {"delete, the same", kDelete, kDelete, true, "2:2 3:3 4:4"},
          {"delete, of the same file", kDelete, kDeleteBeside, true, "1:1 3:3 4:4"},
          {"delete, merge", kDelete, kMerge, true, "1:11 2:2 3:3 4:4 7:7"},
          {"delete, optimize", kDelete, kOptimize, true, "1:1 2:2 3:3 4:4"},
          {"update, append", kUpdate, kAppendOther, false, "1:10 2:2 3:3 4:4 6:6"},
          {"update, delete", kUpdate, kDelete, true, "2:2 3:3 4:4"},
          {"update, optimize", kUpdate, kOptimize, true, "1:1 2:2 3:3 4:4"},
          {"merge, append", kMerge, kAppendOther, false, "1:11 2:2 3:3 4:4 6:6 7:7"},
          {"merge, merge", kMerge, kMerge, true, "1:11 2:2 3:3 4:4 7:7"},
          {"merge, new column", kMerge, kAlter, true, "1:1 2:2 3:3 4:4"},
          {"new column, append", kAlter, kAppendOther, false, "1:1 2:2 3:3 4:4 6:6"},
          {"new column, the same", kAlter, kAlter, true, "1:1 2:2 3:3 4:4"},
          {"new column, new feature", kAlter, kFeature, true, "1:1 2:2 3:3 4:4"}},
         "'delta.appendOnly' = 'false'");
}

TEST_F(ConflictMatrixTest, RowsAreMarkedAsDeleted) {
  Expect({{"delete, of the same file", kDelete, kDeleteBeside, false, "3:3 4:4"},
          {"delete, of another file", kDelete, kDeleteElsewhere, false, "2:2 4:4"},
          {"delete, the same", kDelete, kDelete, true, "2:2 3:3 4:4"},
          {"update, delete of the same file", kUpdate, kDeleteBeside, false, "1:10 3:3 4:4"},
          {"update, of the same row", kUpdate, kDelete, true, "2:2 3:3 4:4"},
          {"delete, append", kDelete, kAppendOther, false, "2:2 3:3 4:4 6:6"},
          {"delete, optimize", kDelete, kOptimize, true, "1:1 2:2 3:3 4:4"},
          {"merge, delete of the same file", kMerge, kDeleteBeside, true, "1:1 3:3 4:4"},
          {"append, delete", kAppend, kDelete, false, "2:2 3:3 4:4 5:5"}},
         "'delta.enableDeletionVectors' = 'true'");
}

TEST_F(ConflictMatrixTest, ReadersOfASerializableTableSeeEveryAppend) {
  Expect({{"append, append", kAppend, kAppendOther, false, "1:1 2:2 3:3 4:4 5:5 6:6"},
          {"append of what it read, append", kFromItself, kAppendOther, true, "1:1 2:2 3:3 4:4 6:6"},
          {"delete, append", kDelete, kAppendOther, true, "1:1 2:2 3:3 4:4 6:6"},
          {"update, append", kUpdate, kAppendOther, true, "1:1 2:2 3:3 4:4 6:6"},
          {"merge, append", kMerge, kAppendOther, true, "1:1 2:2 3:3 4:4 6:6"},
          {"append, optimize", kAppend, kOptimize, false, "1:1 2:2 3:3 4:4 5:5"}},
         "'delta.isolationLevel' = 'Serializable'");
}

TEST_F(ConflictMatrixTest, AnApplicationsMarkIsSetOnce) {
  Make("'delta.appendOnly' = 'false'");
  for (const Writer* writer : {&mine_, &theirs_}) {
    const auto set = writer->session->Execute("set smelt_txn_app = 'loader'; set smelt_txn_version = 1");
    ASSERT_TRUE(set) << set.error().ToString();
  }
  ASSERT_TRUE(mine_.session->Execute(std::string("begin; ") + kAppend));
  ASSERT_TRUE(theirs_.session->Execute(kAppend));
  const auto committed = mine_.session->Execute("commit");
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code(), ErrorCode::kDeltaConflict) << committed.error().ToString();
  EXPECT_EQ(RowsOf(*mine_.session), "1:1 2:2 3:3 4:4 5:5");
  ASSERT_TRUE(mine_.session->Execute(kAppend)) << "which does nothing now";
  EXPECT_EQ(RowsOf(*mine_.session), "1:1 2:2 3:3 4:4 5:5");
}

}  // namespace
}  // namespace smelt::engine
