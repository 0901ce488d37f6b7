#include "delta/clone_plan.h"

#include <gtest/gtest.h>

#include "delta/data_files.h"
#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

struct ClonePlanTest : testing::Test {
  ClonePlanTest() : target(*source.store, "copy", source.checkpoints) {
    snapshot = MustCommit(source.log, CreateOf({{"key", "value"}}));
    snapshot = MustCommit(source.log, AppendOf(snapshot, EncodePath("p=1/a b.parquet")));
    snapshot = MustCommit(source.log, AppendOf(snapshot, "memory:///other/c.parquet"));
  }

  TestTable source;
  Log target;
  SnapshotPtr snapshot;
};

TEST_F(ClonePlanTest, AShallowCloneNamesTheFilesOfItsSource) {
  auto plan = PlanClone(source.log, *snapshot, target, true);
  ASSERT_TRUE(plan) << plan.error().ToString();
  EXPECT_TRUE(plan->copies.empty());
  EXPECT_EQ(plan->proposal.operation, "CLONE");
  EXPECT_EQ(plan->proposal.operation_metrics["copiedFilesSize"], 0);
  const SnapshotPtr clone = MustCommit(target, std::move(plan->proposal));
  EXPECT_EQ(Paths(*clone), (std::vector<std::string>{"memory:///t/p=1/a%20b.parquet", "memory:///other/c.parquet"}));
  EXPECT_NE(clone->metadata().id, snapshot->metadata().id);
  EXPECT_EQ(clone->metadata().configuration, snapshot->metadata().configuration);
  const auto key = KeyOfFile(target, clone->files()[0]->path);
  ASSERT_TRUE(key);
  EXPECT_EQ(*key, "t/p=1/a b.parquet");
}

TEST_F(ClonePlanTest, ADeepCloneCopiesThem) {
  const auto plan = PlanClone(source.log, *snapshot, target, false);
  ASSERT_TRUE(plan) << plan.error().ToString();
  ASSERT_EQ(plan->copies.size(), 2u);
  EXPECT_EQ(plan->copies[0].from, "memory:///t/p=1/a b.parquet");
  EXPECT_TRUE(plan->copies[0].to.starts_with("copy/p=1/part-")) << plan->copies[0].to;
  EXPECT_EQ(plan->copies[1].from, "memory:///other/c.parquet");
  EXPECT_TRUE(plan->copies[1].to.starts_with("copy/part-")) << plan->copies[1].to;
  EXPECT_EQ(target.Key(plan->proposal.adds[0].path), plan->copies[0].to);
  EXPECT_EQ(plan->proposal.operation_metrics["numCopiedFiles"], 2);
}

}  // namespace
}  // namespace smelt::delta
