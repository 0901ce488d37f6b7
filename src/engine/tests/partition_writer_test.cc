#include "engine/tests/lake_fixture.h"

namespace smelt::engine {
namespace {

/// Rows that are put apart while they are written: into partitions, and into parts along a curve.
class PartitionWriterTest : public LakeFixture {
 protected:
  std::string Digest(const std::string& relation) {
    const auto result = session_->Query("select count(*) || ' ' || sum(hash(t)::hugeint) from " + relation + " t");
    EXPECT_TRUE(result) << result.error().ToString();
    return result ? result->Text().value_or("") : "";
  }
  std::int64_t Files() { return Number("select count(*) from glob('" + lake_.string() + "/main/t/**/*.parquet')"); }
  /// Leaves the newest version's files alone in the folder.
  void Vacuum() { Must("call vacuum('t', retain_hours => 0, retention_check => false)"); }
  /// The row groups that statistics do not rule out for a value of a column.
  std::int64_t RowGroupsWith(const std::string& column, std::int64_t value) {
    const std::string bound = std::to_string(value);
    return Number("select count(*) from parquet_metadata('" + lake_.string() + "/main/t/*.parquet') where " +
                  "path_in_schema = '" + column + "' and stats_min_value::bigint <= " + bound +
                  " and stats_max_value::bigint >= " + bound);
  }
};

TEST_F(PartitionWriterTest, APartitionIsOneFileHoweverManyThereAre) {
  Must(
      "create temp table given as select i, i % 3000 as p, 'a text of the row with the number ' || i as s "
      "from range(90000) r(i)");
  Must("create table t partitioned by (p) as from given");
  EXPECT_EQ(Files(), 3000);
  EXPECT_EQ(Digest("(select i, p, s from t)"), Digest("given"));
  EXPECT_EQ(Number("select count(*) from t where p = 17"), 30);
}

TEST_F(PartitionWriterTest, WhatHasNoValueIsOnePartition) {
  Must("create table t (i bigint, p varchar, q double) partitioned by (p, q)");
  Must(
      "insert into t values (1, null, null), (2, '', null), (3, '__HIVE_DEFAULT_PARTITION__', null), (4, 'a/b=c%', "
      "1.5), "
      "(5, 'a/b=c%', 'nan'), (6, 'a/b=c%', 'nan')");
  EXPECT_EQ(Files(), 4);
  EXPECT_EQ(Number("select sum(i) from t where p is null"), 3);
  EXPECT_EQ(Number("select sum(i) from t where p = '__HIVE_DEFAULT_PARTITION__'"), 3);
  EXPECT_EQ(Number("select sum(i) from t where p = 'a/b=c%' and isnan(q)"), 11);
}

TEST_F(PartitionWriterTest, ALargePartitionIsWrittenRowGroupByRowGroup) {
  Must("create temp table given as select i, i % 2 as p, {'a': i, 'l': [i, i + 1]} as s from range(700000) r(i)");
  Must("create table t partitioned by (p) as from given");
  EXPECT_EQ(Files(), 2);
  EXPECT_EQ(Digest("(select i, p, s from t)"), Digest("given"));
  const std::int64_t groups = Number("select count(*) from parquet_metadata('" + lake_.string() +
                                     "/main/t/*/*.parquet') where path_in_schema = 'i'");
  EXPECT_GE(groups, 12);
  EXPECT_LE(groups, 14) << "no small ones";
}

TEST_F(PartitionWriterTest, MoreRowsThanMemoryHolds) {
  Must("set global memory_limit = '80MiB'");
  const std::string given = "(select i, i % 40 as p, repeat('x', 100) || i as s from range(1500000) r(i))";
  Must("create table t partitioned by (p) as from " + given);
  EXPECT_EQ(Files(), 40);
  EXPECT_EQ(Digest("(select i, p, s from t)"), Digest(given));
}

TEST_F(PartitionWriterTest, ManyRowsAreOrderedInParts) {
  Must(
      "create table t as select (i * 7919) % 1000003 as a, (i * 104729) % 1000003 as b, if(i % 50 = 0, null, i) as c "
      "from range(1000000) r(i)");
  const std::string before = Digest("(select a, b, c from t)");
  const std::int64_t unordered = RowGroupsWith("a", 500000);
  Must("call optimize('t', zorder => ['a', 'b'])");
  Vacuum();
  EXPECT_EQ(Digest("(select a, b, c from t)"), before);
  EXPECT_EQ(Files(), 1);
  EXPECT_GE(unordered, 16) << "every row group";
  // Row groups are patches of a seventeenth of the plane: a line crosses some of them.
  EXPECT_LE(RowGroupsWith("a", 500000), 9);
  EXPECT_LE(RowGroupsWith("b", 250000), 11);
  Must("call optimize('t', zorder => ['a', 'b', 'c'], curve => 'hilbert', target_file_bytes => 2000000)");
  Vacuum();
  EXPECT_EQ(Digest("(select a, b, c from t)"), before);
  EXPECT_GE(Files(), 4);
  EXPECT_LE(Number("select max(num_rows) - min(num_rows) from parquet_file_metadata('" + lake_.string() +
                   "/main/t/*.parquet')"),
            200'000)
      << "files are alike";
}

TEST_F(PartitionWriterTest, RowsThatAreAllAlikeAreOnePart) {
  Must("create table t as select 1 as a, null::bigint as b, i as c from range(1000000) r(i)");
  Must("call optimize('t', zorder => ['a', 'b'])");
  EXPECT_EQ(Number("select count(*) from t where a = 1 and b is null"), 1'000'000);
  EXPECT_EQ(Number("select sum(c) from t"), 499'999'500'000);
}

}  // namespace
}  // namespace smelt::engine
