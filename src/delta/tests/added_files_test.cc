#include "delta/added_files.h"

#include <gtest/gtest.h>

#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

/// A log of lines: version 0 makes the table with the file "a".
class FoundAddedFiles : public testing::Test {
 protected:
  FoundAddedFiles() { Put({AddOf("a")}, kCreateLines); }

  void Put(const std::vector<Action>& actions, const std::string& before = "") {
    table_.PutCommit(next_++, before + LinesOf(actions));
  }

  AddedFiles Found(std::int64_t from = 0) {
    auto found =
        FindAddedFiles(table_.log, *MustLoad(table_.log.At({from})), *MustLoad(table_.log.At(Version{next_ - 1})));
    EXPECT_TRUE(found) << found.error().ToString();
    return found ? *std::move(found) : AddedFiles();
  }

  static Add Moved(const std::string& path) {
    Add add = AddOf(path);
    add.data_change = false;
    return add;
  }

  static Remove MovedAway(const std::string& path) {
    Remove remove = RemoveOf(path);
    remove.data_change = false;
    return remove;
  }

  TestTable table_;
  std::int64_t next_ = 0;
};

using Names = std::set<std::string>;

TEST_F(FoundAddedFiles, AreThoseOfAppends) {
  EXPECT_EQ(Found().paths, Names());
  Put({AddOf("b"), AddOf("c")});
  Put({Txn{"app", 1, {}}});
  Put({AddOf("d")});
  EXPECT_EQ(Found().obstacle, "");
  EXPECT_EQ(Found().paths, (Names{"b", "c", "d"}));
  EXPECT_EQ(Found(1).paths, Names{"d"});
  EXPECT_FALSE(Found().rearranged);
}

TEST_F(FoundAddedFiles, StayWhenRowsOfBeforeMove) {
  Put({AddOf("b")});
  Put({MovedAway("a"), Moved("z")});
  EXPECT_EQ(Found().obstacle, "");
  EXPECT_EQ(Found().paths, Names{"b"});
  EXPECT_TRUE(Found().rearranged);
  Put({MovedAway("b"), Moved("y")});
  EXPECT_EQ(Found().obstacle, "version 3 moved rows that were added");
  EXPECT_EQ(Found(1).obstacle, "") << "then they were of before";
}

TEST_F(FoundAddedFiles, AreNoneWhereMoreWasDone) {
  Put({RemoveOf("a"), AddOf("b")});
  EXPECT_EQ(Found().obstacle, "version 1 removed rows");
  Put({AddOf("b")});
  EXPECT_EQ(Found(1).obstacle, "version 2 changed rows");
  Put({AddOf("c")});
  Put({TestMetadata({{"k", "v"}})});
  EXPECT_EQ(Found(2).obstacle, "the table is defined otherwise");
  Add masked = AddOf("d");
  masked.deletion_vector = DeletionVector{"i", "x", {}, 1, 1};
  Put({masked});
  EXPECT_EQ(Found(4).obstacle, "version 5 changed rows");
}

TEST_F(FoundAddedFiles, AreUnknownWhereTheLogEnds) {
  Put({AddOf("b")});
  Put({AddOf("c")});
  Put({AddOf("d")});
  const SnapshotPtr before = MustLoad(table_.log.At({1}));
  const SnapshotPtr after = MustLoad(table_.log.Latest());
  table_.DeleteCommit(2);
  const auto found = FindAddedFiles(table_.log, *before, *after);
  ASSERT_TRUE(found) << found.error().ToString();
  EXPECT_EQ(found->obstacle, "the commit of version 2 is not in the log any more");
}

}  // namespace
}  // namespace smelt::delta
