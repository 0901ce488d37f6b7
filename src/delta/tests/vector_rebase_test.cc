#include "delta/internal/vector_rebase.h"

#include <gtest/gtest.h>

#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

using Rows = std::vector<std::uint64_t>;

RowSet SetOf(const Rows& rows) {
  RowSet set;
  for (const std::uint64_t row : rows) set.Set(row);
  return set;
}

Rows RowsOf(const RowSet& set) {
  Rows rows;
  for (std::uint64_t row = 0; row < 64 * set.words().size(); ++row) {
    if (set.Test(row)) rows.push_back(row);
  }
  return rows;
}

/// A table with one file of many rows, and proposals that delete some of them.
class VectorRebase : public testing::Test {
 protected:
  void SetUp() override {
    base_ = MustCommit(table_.log, CreateOf({{"delta.enableDeletionVectors", "true"}}));
    Proposal proposal = AppendOf(base_, "f");
    proposal.adds[0] = AddOf("f", 100'000);
    base_ = MustCommit(table_.log, std::move(proposal));
  }

  /// Deletes rows beside those that are deleted in the base.
  Proposal Deleting(const SnapshotPtr& base, const Rows& rows, bool row_by_row = true) {
    Proposal proposal;
    proposal.base = base;
    const Add& before = *base->files().at(0);
    proposal.removes.push_back(RemovalOf(before));
    RowSet all = Deleted(before);
    all.Merge(SetOf(rows));
    DeletionVectorFile vectors;
    Add after = before;
    after.deletion_vector = vectors.Add(all);
    proposal.adds.push_back(std::move(after));
    if (vectors.needed()) {
      EXPECT_TRUE(table_.store->Put(table_.log.Key(vectors.name()), vectors.bytes()));
    }
    proposal.reads.files = {"f"};
    proposal.reads.may_match = [](const Add&) { return true; };
    proposal.reads.row_by_row = row_by_row;
    proposal.operation = "DELETE";
    return proposal;
  }

  RowSet Deleted(const Add& file) {
    if (!file.deletion_vector) return {};
    return ReadDeletionVector(*table_.store, "t", *file.deletion_vector, 100'000).value();
  }

  TestTable table_;
  SnapshotPtr base_;
};

TEST_F(VectorRebase, DeletesOfDifferentRowsOfOneFileAllStand) {
  std::vector<Proposal> proposals;
  for (const Rows& rows : {Rows{1, 2}, Rows{3}, Rows{70'000, 99'999}}) proposals.push_back(Deleting(base_, rows));
  for (Proposal& proposal : proposals) MustCommit(table_.log, std::move(proposal));
  const SnapshotPtr now = MustLoad(table_.log.Latest());
  ASSERT_EQ(Paths(*now), (std::vector<std::string>{"f"}));
  EXPECT_EQ(RowsOf(Deleted(*now->files()[0])), (Rows{1, 2, 3, 70'000, 99'999}));
  EXPECT_EQ(now->files()[0]->deletion_vector->cardinality, 5);
  EXPECT_EQ(now->version(), Version{4});
}

TEST_F(VectorRebase, LargeVectorsGoToANewFile) {
  Rows even;
  Rows odd;
  for (std::uint64_t row = 0; row < 100'000; row += 14) {
    even.push_back(row);
    odd.push_back(row + 1);
  }
  Proposal late = Deleting(base_, odd);
  MustCommit(table_.log, Deleting(base_, even));
  MustCommit(table_.log, std::move(late));
  const SnapshotPtr now = MustLoad(table_.log.Latest());
  EXPECT_EQ(Deleted(*now->files()[0]).count(), even.size() + odd.size());
}

TEST_F(VectorRebase, TheSameRowTwiceIsAConflict) {
  Proposal late = Deleting(base_, {2, 3});
  MustCommit(table_.log, Deleting(base_, {1, 2}));
  const auto committed = Commit(table_.log, std::move(late));
  ASSERT_FALSE(committed.has_value());
  EXPECT_EQ(committed.error().code(), ErrorCode::kDeltaConflict);
  EXPECT_TRUE(committed.error().retryable());
  EXPECT_EQ(RowsOf(Deleted(*MustLoad(table_.log.Latest())->files()[0])), (Rows{1, 2}));
}

TEST_F(VectorRebase, WhoeverReadMoreThanSingleRowsIsNotRebased) {
  Proposal late = Deleting(base_, {3}, /*row_by_row=*/false);
  MustCommit(table_.log, Deleting(base_, {1}));
  EXPECT_EQ(Commit(table_.log, std::move(late)).error().code(), ErrorCode::kDeltaConflict);
}

TEST_F(VectorRebase, RowsThatCameBackAreAConflict) {
  const SnapshotPtr shrunk = MustCommit(table_.log, Deleting(base_, {1}));
  Proposal late = Deleting(shrunk, {3});
  Proposal restore = Deleting(shrunk, {7});
  DeletionVectorFile vectors;
  restore.adds[0].deletion_vector = vectors.Add(SetOf({7}));
  MustCommit(table_.log, std::move(restore));
  EXPECT_EQ(Commit(table_.log, std::move(late)).error().code(), ErrorCode::kDeltaConflict);
}

TEST_F(VectorRebase, ACompactionOfTheFileIsAConflictThatCanBeRetried) {
  Proposal late = Deleting(base_, {3});
  Proposal compaction = AppendOf(base_, "compacted");
  compaction.adds[0].data_change = false;
  compaction.removes.push_back(RemoveOf("f"));
  compaction.removes[0].data_change = false;
  MustCommit(table_.log, std::move(compaction));
  const auto committed = Commit(table_.log, std::move(late));
  ASSERT_FALSE(committed.has_value());
  EXPECT_TRUE(committed.error().retryable());
  EXPECT_NE(committed.error().message().find("it moved the rows of the file 'f', too"), std::string::npos)
      << committed.error().ToString();
  EXPECT_NE(committed.error().hint(), "");
}

TEST_F(VectorRebase, AVectorThatCannotBeReadIsAConflict) {
  Proposal late = Deleting(base_, {3});
  Proposal damaged = Deleting(base_, {1});
  damaged.adds[0].deletion_vector = DeletionVector{"u", "ab^-aqEH.-t@S}K{vb[*k^", 1, 40, 6};
  MustCommit(table_.log, std::move(damaged));
  EXPECT_EQ(Commit(table_.log, std::move(late)).error().code(), ErrorCode::kDeltaConflict);
}

}  // namespace
}  // namespace smelt::delta
