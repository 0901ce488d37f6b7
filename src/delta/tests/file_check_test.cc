#include "delta/file_check.h"

#include <gtest/gtest.h>

#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

TEST(FileCheck, FindsMissingFilesAndOrphans) {
  TestTable table;
  SnapshotPtr snapshot = MustCommit(table.log, CreateOf());
  for (const char* name : {"there", "gone", "removed", "elsewhere/x"}) {
    snapshot = MustCommit(table.log, AppendOf(snapshot, name));
  }
  snapshot = MustCommit(table.log, AppendOf(snapshot, "s3://other/bucket/file"));
  Proposal remove;
  remove.base = snapshot;
  remove.removes = {RemoveOf("removed")};
  snapshot = MustCommit(table.log, std::move(remove));
  for (const char* name : {"there", "removed", "orphan", "_hidden"}) {
    ASSERT_TRUE(table.store->Put(table.log.Key(name), "rows"));
  }
  const auto check = CheckFiles(table.log, *snapshot);
  ASSERT_TRUE(check) << check.error().ToString();
  ASSERT_EQ(check->missing.size(), 2u);
  EXPECT_EQ(check->missing[0]->path, "gone");
  EXPECT_EQ(check->missing[1]->path, "elsewhere/x");
  ASSERT_EQ(check->orphans.size(), 1u);
  EXPECT_EQ(check->orphans[0].key, "t/orphan");

  const SnapshotPtr repaired = MustCommit(table.log, RepairProposal(snapshot, *check));
  EXPECT_EQ(Paths(*repaired), (std::vector<std::string>{"there", "s3://other/bucket/file"}));
  const auto again = CheckFiles(table.log, *repaired);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->missing.empty());
}

}  // namespace
}  // namespace smelt::delta
