#include "delta/data_change.h"

#include <gtest/gtest.h>

#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

Version LastOf(const TestTable& table) {
  return LastDataChange(table.log, *MustLoad(table.log.Latest())).value();
}

TEST(LastDataChange, MaintenanceIsNone) {
  TestTable table;
  SnapshotPtr snapshot = MustCommit(table.log, CreateOf());
  EXPECT_EQ(LastOf(table), Version{0});
  snapshot = MustCommit(table.log, AppendOf(snapshot, "a"));
  EXPECT_EQ(LastOf(table), Version{1});

  Proposal optimize = AppendOf(snapshot, "b");
  optimize.adds[0].data_change = false;
  optimize.removes.push_back(RemoveOf("a"));
  optimize.removes[0].data_change = false;
  snapshot = MustCommit(table.log, std::move(optimize));
  Proposal record;
  record.base = snapshot;
  record.may_be_empty = true;
  record.operation = "VACUUM END";
  record.txns.push_back({"app", 1, {}});
  snapshot = MustCommit(table.log, std::move(record));
  EXPECT_EQ(LastOf(table), Version{1});

  Proposal removal;
  removal.base = snapshot;
  removal.removes.push_back(RemoveOf("b"));
  snapshot = MustCommit(table.log, std::move(removal));
  EXPECT_EQ(LastOf(table), Version{4});
  Proposal redefinition;
  redefinition.base = snapshot;
  redefinition.metadata = TestMetadata({{"k", "v"}});
  MustCommit(table.log, std::move(redefinition));
  EXPECT_EQ(LastOf(table), Version{5});
}

TEST(LastDataChange, IsNeverEarlierThanTheTruth) {
  TestTable table;
  table.PutCommit(0, kCreateLines);
  table.PutCommit(1, LinesOf({AddOf("a")}));
  table.PutCommit(2, LinesOf({Txn{"app", 1, {}}}));
  table.PutCommit(3, LinesOf({Txn{"app", 2, {}}}));
  const SnapshotPtr snapshot = MustLoad(table.log.Latest());
  EXPECT_EQ(LastDataChange(table.log, *snapshot).value(), Version{1});
  ASSERT_TRUE(WriteCheckpoint(table.log, *snapshot));
  for (const int version : {0, 1, 2}) table.DeleteCommit(version);
  EXPECT_EQ(LastDataChange(table.log, *snapshot).value(), Version{2}) << "as far back as the log goes";
}

}  // namespace
}  // namespace smelt::delta
