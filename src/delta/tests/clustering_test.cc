#include "delta/clustering.h"

#include <gtest/gtest.h>

#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

constexpr std::int64_t kCubeBytes = 100;
const std::vector<std::string> kByA = {"a"};

Proposal ClusteredTable() {
  Proposal create = CreateOf();
  create.protocol = Protocol{};
  EnableClustering(*create.protocol);
  create.domains = {ClusteringDomain({{"a"}, {"s", "field"}})};
  return create;
}

Add SizedFile(std::string path, std::int64_t bytes) {
  Add add = AddOf(std::move(path), 100);
  add.size_bytes = bytes;
  return add;
}

/// Files that were clustered together.
std::vector<Add> Cube(std::vector<Add> files, const std::vector<std::string>& columns = kByA) {
  MarkClustered(files, columns);
  return files;
}

std::string Taken(const Snapshot& snapshot, bool full = false) {
  const auto takes = FilesToCluster(snapshot, kByA, full, kCubeBytes);
  std::string names;
  for (const auto& file : snapshot.files()) names += takes(*file) ? file->path : "";
  return names;
}

SnapshotPtr TableOfParts(TestTable& table, const std::vector<std::vector<Add>>& parts) {
  Proposal create = ClusteredTable();
  for (const auto& part : parts) create.adds.insert(create.adds.end(), part.begin(), part.end());
  return MustCommit(table.log, std::move(create));
}

TEST(Clustering, TheColumnsAreInADomain) {
  TestTable table;
  SnapshotPtr snapshot = MustCommit(table.log, ClusteredTable());
  EXPECT_EQ(*ClusteringColumns(*snapshot), (std::vector<PhysicalPath>{{"a"}, {"s", "field"}}));

  Proposal none;
  none.base = snapshot;
  none.domains = {ClusteringDomain({})};
  snapshot = MustCommit(table.log, std::move(none));
  EXPECT_TRUE(ClusteringColumns(*snapshot)->empty());
  EXPECT_TRUE(snapshot->domains().contains(kClusteringDomain));

  Proposal gone;
  gone.base = snapshot;
  gone.domains = {NoClusteringDomain()};
  snapshot = MustCommit(table.log, std::move(gone));
  EXPECT_TRUE(ClusteringColumns(*snapshot)->empty());
  EXPECT_FALSE(snapshot->domains().contains(kClusteringDomain));
}

TEST(Clustering, ADomainThatNamesNoColumnsIsDamage) {
  for (const char* text : {"", "[]", "{}", R"({"clusteringColumns":["a"]})", R"({"clusteringColumns":[[]]})",
                           R"({"clusteringColumns":[["a",1]]})", R"({"clusteringColumns":null})"}) {
    TestTable table;
    Proposal create = ClusteredTable();
    create.domains = {{kClusteringDomain, text, false}};
    const SnapshotPtr snapshot = MustCommit(table.log, std::move(create));
    const auto columns = ClusteringColumns(*snapshot);
    ASSERT_FALSE(columns) << text;
    EXPECT_EQ(columns.error().code(), ErrorCode::kDeltaCorrupt);
  }
}

TEST(Clustering, NewFilesJoinTheCubesThatAreStillOpen) {
  TestTable table;
  const auto snapshot = TableOfParts(
      table, {{SizedFile("n", 5)}, Cube({SizedFile("b", 60), SizedFile("c", 60)}), Cube({SizedFile("s", 60)})});
  EXPECT_EQ(Taken(*snapshot), "ns");
  EXPECT_EQ(Taken(*snapshot, true), "nbcs");
}

TEST(Clustering, WhatIsClusteredIsNotClusteredAgain) {
  TestTable table;
  EXPECT_EQ(Taken(*TableOfParts(table, {Cube({SizedFile("a", 30), SizedFile("b", 30)})})), "");
  TestTable several;
  EXPECT_EQ(Taken(*TableOfParts(several,
                                {Cube({SizedFile("a", 30)}), Cube({SizedFile("b", 30)}), Cube({SizedFile("c", 300)})})),
            "ab");
}

TEST(Clustering, FilesOfOtherColumnsAndOtherImplementationsStay) {
  TestTable table;
  Add theirs = SizedFile("t", 5);
  theirs.clustering_provider = "someone";
  const auto snapshot = TableOfParts(table, {{SizedFile("n", 5), theirs}, Cube({SizedFile("o", 30)}, {"b"})});
  EXPECT_EQ(Taken(*snapshot), "n");
  EXPECT_EQ(Taken(*snapshot, true), "no");
}

}  // namespace
}  // namespace smelt::delta
