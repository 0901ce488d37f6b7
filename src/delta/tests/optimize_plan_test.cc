#include "delta/optimize_plan.h"

#include <gtest/gtest.h>

#include "delta/internal/table_properties.h"
#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

constexpr std::int64_t kTarget = 100;

Add Sized(std::string path, std::int64_t bytes, std::optional<std::string> day = {}) {
  Add add = AddOf(std::move(path), 100);
  add.size_bytes = bytes;
  if (day) add.partition_values["a"] = *day;
  return add;
}

SnapshotPtr TableOf(TestTable& table, const std::vector<Add>& adds, bool partitioned = false) {
  Proposal create = CreateOf();
  if (partitioned) create.metadata->partition_columns = {"a"};
  create.adds = adds;
  return MustCommit(table.log, std::move(create));
}

std::vector<std::vector<std::string>> PlannedPaths(const std::vector<RewriteGroup>& groups) {
  std::vector<std::vector<std::string>> paths;
  for (const RewriteGroup& group : groups) {
    auto& names = paths.emplace_back();
    for (const auto& file : group.files) names.push_back(file->path);
  }
  return paths;
}

using Planned = std::vector<std::vector<std::string>>;

TEST(OptimizePlan, PacksSmallFilesAndLeavesBigOnes) {
  TestTable table;
  const auto snapshot = TableOf(
      table, {Sized("big", 76), Sized("a", 60), Sized("b", 30), Sized("c", 40), Sized("d", 70), Sized("e", 500)});
  // Largest first, each where it fits tightest: d with b, a with c.
  EXPECT_EQ(PlannedPaths(PlanOptimize(*snapshot, {.target_bytes = kTarget})), (Planned{{"b", "d"}, {"a", "c"}}));
}

TEST(OptimizePlan, FewFilesCanBeLeftAlone) {
  TestTable table;
  const auto snapshot = TableOf(table, {Sized("a", 10), Sized("b", 10), Sized("c", 10)});
  EXPECT_EQ(PlanOptimize(*snapshot, {.target_bytes = kTarget, .files_min = 3}).size(), 1u);
  EXPECT_TRUE(PlanOptimize(*snapshot, {.target_bytes = kTarget, .files_min = 4}).empty());
}

TEST(OptimizePlan, TablesSayWhetherTheyCompactThemselves) {
  Metadata metadata;
  EXPECT_FALSE(CompactsAutomatically(metadata));
  for (const auto& [value, expected] : {std::pair("true", true), {"Auto", true}, {"false", false}, {"", false}}) {
    metadata.configuration["delta.autoOptimize.autoCompact"] = value;
    EXPECT_EQ(CompactsAutomatically(metadata), expected) << value;
  }
}

TEST(OptimizePlan, TablesSayWhetherTheirWritesAreOptimised) {
  Metadata metadata;
  EXPECT_FALSE(OptimizesWrites(metadata));
  for (const auto& [value, expected] : {std::pair("true", true), {"TRUE", true}, {"false", false}, {"", false}}) {
    metadata.configuration["delta.autoOptimize.optimizeWrite"] = value;
    EXPECT_EQ(OptimizesWrites(metadata), expected) << value;
  }
}

TEST(OptimizePlan, AFileAloneStays) {
  TestTable table;
  const auto snapshot = TableOf(table, {Sized("a", 60), Sized("b", 60)});
  EXPECT_TRUE(PlanOptimize(*snapshot, {.target_bytes = kTarget}).empty());
}

TEST(OptimizePlan, NeverMixesPartitionsAndHeedsTheSelection) {
  TestTable table;
  const auto snapshot = TableOf(
      table, {Sized("x1", 1, "x"), Sized("y1", 1, "y"), Sized("x2", 1, "x"), Sized("y2", 1, "y"), Sized("z1", 1, "z")},
      true);
  EXPECT_EQ(PlannedPaths(PlanOptimize(*snapshot, {.target_bytes = kTarget})), (Planned{{"x1", "x2"}, {"y1", "y2"}}));
  OptimizeOptions options{.target_bytes = kTarget};
  options.selects = [](const PartitionValues& partition) { return partition.at("a") == "y"; };
  EXPECT_EQ(PlannedPaths(PlanOptimize(*snapshot, options)), (Planned{{"y1", "y2"}}));
}

TEST(OptimizePlan, ClusteringTakesEveryFileOfAPartition) {
  TestTable table;
  const auto snapshot = TableOf(table, {Sized("a", 10), Sized("b", 1'000), Sized("c", 10)});
  EXPECT_EQ(PlannedPaths(PlanOptimize(*snapshot, {.target_bytes = kTarget, .cluster = true})),
            (Planned{{"a", "b", "c"}}));
}

TEST(OptimizePlan, FilesWithManyDeletedRowsAreRewrittenWhateverTheirSize) {
  TestTable table;
  const auto with_deleted = [](std::string path, std::int64_t rows) {
    Add add = Sized(std::move(path), 1'000);
    add.deletion_vector = DeletionVector{"u", "vector", 1, 10, rows};
    return add;
  };
  Add unknown = with_deleted("unknown", 1);
  unknown.stats.clear();
  const auto snapshot =
      TableOf(table, {with_deleted("few", 5), with_deleted("many", 6), unknown, Sized("none", 1'000)});
  EXPECT_EQ(PlannedPaths(PlanOptimize(*snapshot, {.target_bytes = kTarget})), (Planned{{"many"}, {"unknown"}}));
  const auto purged = PlanOptimize(*snapshot, {.target_bytes = kTarget, .purge = true});
  EXPECT_EQ(PlannedPaths(purged), (Planned{{"few"}, {"many"}, {"unknown"}}));
  EXPECT_EQ(OptimizeProposal(snapshot, purged, {}, {}).operation_metrics["numDeletionVectorsRemoved"], 3);
}

TEST(OptimizePlan, TheProposalMovesRowsAndChangesNone) {
  TestTable table;
  const auto snapshot = TableOf(table, {Sized("a", 10), Sized("b", 20)});
  const auto groups = PlanOptimize(*snapshot, {.target_bytes = kTarget});
  Proposal proposal = OptimizeProposal(snapshot, groups, {Sized("c", 25)}, {.predicates = {"d > 1"}});
  EXPECT_EQ(proposal.operation, "OPTIMIZE");
  EXPECT_EQ(JsonText(proposal.operation_parameters["predicate"]), R"(["d > 1"])");
  EXPECT_EQ(proposal.operation_metrics["numRemovedBytes"], 30);
  EXPECT_EQ(proposal.operation_metrics["p50FileSize"], 25);
  EXPECT_FALSE(proposal.adds[0].data_change);
  EXPECT_FALSE(proposal.removes[0].data_change);
  EXPECT_EQ(Paths(*MustCommit(table.log, std::move(proposal))), std::vector<std::string>{"c"});
}

TEST(OptimizePlan, AppendsAreNoConflictRemovalsAre) {
  TestTable table;
  const auto snapshot = TableOf(table, {Sized("a", 10), Sized("b", 20)});
  const auto groups = PlanOptimize(*snapshot, {.target_bytes = kTarget});
  const Proposal proposal = OptimizeProposal(snapshot, groups, {Sized("c", 25)}, {});
  EXPECT_FALSE(FindConflict(proposal, {AddOf("new")}));
  EXPECT_TRUE(FindConflict(proposal, {RemoveOf("a")}));
  EXPECT_FALSE(FindConflict(proposal, {RemoveOf("other")}));
}

TEST(OptimizePlan, TheTargetSizeIsAProperty) {
  EXPECT_EQ(TargetFileBytes(TestMetadata()), 256LL << 20);
  EXPECT_EQ(TargetFileBytes(TestMetadata({{"delta.targetFileSize", "104857600"}})), 104'857'600);
  EXPECT_EQ(TargetFileBytes(TestMetadata({{"delta.targetFileSize", "128mb"}})), 128LL << 20);
  EXPECT_EQ(TargetFileBytes(TestMetadata({{"delta.targetFileSize", "many"}})), 256LL << 20);
}

TEST(ParseBytes, KnowsUnits) {
  EXPECT_EQ(ParseBytes("0"), 0);
  EXPECT_EQ(ParseBytes("12b"), 12);
  EXPECT_EQ(ParseBytes("3K"), 3 << 10);
  EXPECT_EQ(ParseBytes("3Gb"), 3LL << 30);
  for (const char* wrong : {"", "mb", "-1", "1.5g", "1 mb", "1mbb", "1kg", "99999999999t", "99999999999999999999"}) {
    EXPECT_EQ(ParseBytes(wrong), -1) << wrong;
  }
}

}  // namespace
}  // namespace smelt::delta
