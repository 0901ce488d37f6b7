#include "delta/restore_plan.h"

#include <gtest/gtest.h>

#include "delta/features.h"
#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

SnapshotPtr AppendFile(TestTable& table, SnapshotPtr base, const std::string& name) {
  EXPECT_TRUE(table.store->Put(table.log.Key(name), "rows"));
  return MustCommit(table.log, AppendOf(std::move(base), name));
}

SnapshotPtr DropFile(TestTable& table, SnapshotPtr base, const std::string& name) {
  Proposal proposal;
  proposal.base = std::move(base);
  proposal.removes = {RemoveOf(name)};
  return MustCommit(table.log, std::move(proposal));
}

TEST(RestorePlan, BringsFilesBackAndTakesLaterOnesAway) {
  TestTable table;
  SnapshotPtr created = MustCommit(table.log, CreateOf());
  SnapshotPtr target = AppendFile(table, AppendFile(table, created, "a"), "b");
  SnapshotPtr current = AppendFile(table, DropFile(table, target, "a"), "c");
  auto plan = PlanRestore(table.log, current, *target);
  ASSERT_TRUE(plan) << plan.error().ToString();
  EXPECT_EQ(plan->operation, "RESTORE");
  EXPECT_EQ(plan->operation_parameters["version"], 2);
  EXPECT_EQ(plan->operation_metrics["numRestoredFiles"], 1);
  EXPECT_EQ(plan->operation_metrics["numRemovedFiles"], 1);
  EXPECT_EQ(plan->operation_metrics["numOfFilesAfterRestore"], 2);
  EXPECT_FALSE(plan->metadata);
  const SnapshotPtr restored = MustCommit(table.log, *std::move(plan));
  EXPECT_EQ(Paths(*restored), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(restored->version(), Version{5});
}

TEST(RestorePlan, ChangesNothingWhenNothingDiffers) {
  TestTable table;
  SnapshotPtr target = AppendFile(table, MustCommit(table.log, CreateOf()), "a");
  SnapshotPtr current = DropFile(table, AppendFile(table, target, "b"), "b");
  const auto plan = PlanRestore(table.log, current, *target);
  ASSERT_TRUE(plan);
  const auto committed = Commit(table.log, *plan);
  ASSERT_TRUE(committed);
  EXPECT_EQ(committed->attempts, 0);
  EXPECT_EQ(committed->version, current->version());
}

TEST(RestorePlan, MetadataGoesBackTheProtocolDoesNot) {
  TestTable table;
  SnapshotPtr target = MustCommit(table.log, CreateOf({{"key", "old"}}));
  Proposal change;
  change.base = target;
  change.protocol = target->protocol();
  EnableFeature(*change.protocol, "timestampNtz");
  change.metadata = TestMetadata({{"key", "new"}});
  SnapshotPtr current = MustCommit(table.log, std::move(change));
  auto plan = PlanRestore(table.log, current, *target);
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->protocol);
  const SnapshotPtr restored = MustCommit(table.log, *std::move(plan));
  EXPECT_EQ(restored->metadata().configuration.at("key"), "old");
  EXPECT_TRUE(HasFeature(restored->protocol(), "timestampNtz"));
}

TEST(RestorePlan, FilesThatAreGoneAreNamed) {
  TestTable table;
  SnapshotPtr target = AppendFile(table, MustCommit(table.log, CreateOf()), "a");
  SnapshotPtr current = DropFile(table, target, "a");
  ASSERT_TRUE(table.store->Delete(table.log.Key("a")));
  const auto plan = PlanRestore(table.log, current, *target);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code(), ErrorCode::kDeltaFileMissing);
  EXPECT_NE(plan.error().message().find("'a'"), std::string::npos) << plan.error().ToString();
}

TEST(RestorePlan, AnyChangeMeanwhileIsAConflict) {
  TestTable table;
  SnapshotPtr target = AppendFile(table, MustCommit(table.log, CreateOf()), "a");
  const auto plan = PlanRestore(table.log, DropFile(table, target, "a"), *target);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(FindConflict(*plan, {AddOf("new")}));
}

}  // namespace
}  // namespace smelt::delta
