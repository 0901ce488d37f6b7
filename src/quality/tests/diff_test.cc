#include "quality/diff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "quality/reconcile.h"
#include "quality/tests/lake_fixture.h"

namespace smelt::quality {
namespace {

class DiffTest : public LakeFixture {
 protected:
  DataSource Find(const std::string& name) {
    auto source = FindData(*engine_, *session_, name);
    EXPECT_TRUE(source) << source.error().ToString();
    return source ? *std::move(source) : DataSource();
  }
  DataDiff Compare(const std::string& a, const std::string& b, const DiffOptions& options = {.key = {"id"}}) {
    auto diff = Diff(*session_, Find(a), Find(b), options);
    EXPECT_TRUE(diff) << diff.error().ToString();
    return diff ? *std::move(diff) : DataDiff();
  }
  Reconciliation Figures(const std::string& a, const std::string& b, const ReconcileOptions& options = {}) {
    auto result = Reconcile(*session_, Find(a), Find(b), options);
    EXPECT_TRUE(result) << result.error().ToString();
    return result ? *std::move(result) : Reconciliation();
  }
  static std::vector<std::string> BrokenOf(const Reconciliation& result) {
    std::vector<std::string> broken;
    for (const ReconciledFigure& one : result.figures) {
      if (!one.holds) broken.push_back(one.column + " " + one.figure);
    }
    return broken;
  }
  void MakeOrders() {
    Must(
        "create schema t; create table t.orders as select range as id, 'c' || range as customer, range * 1.5 as "
        "amount, "
        "case when range % 2 = 0 then range end as half from range(1000)");
  }
};

TEST_F(DiffTest, VersionsOfOneTableDifferAsTheirChangesSay) {
  MakeOrders();
  Must("update t.orders set amount = amount + 1 where id in (3, 5)");
  Must("update t.orders set customer = null where id = 5");
  Must("delete from t.orders where id >= 990");
  Must("insert into t.orders values (2000, 'new', 1, null)");
  const DataDiff diff = Compare("t.orders@0", "t.orders");
  EXPECT_EQ(diff.rows_a, 1000);
  EXPECT_EQ(diff.rows_b, 991);
  EXPECT_EQ(diff.added, 1);
  EXPECT_EQ(diff.removed, 10);
  EXPECT_EQ(diff.changed, 2);
  EXPECT_EQ(diff.unchanged, 988);
  ASSERT_EQ(diff.columns.size(), 3U);
  EXPECT_EQ(diff.columns[0].changed, 1);
  EXPECT_EQ(diff.columns[0].samples, Json::parse(R"([{"key": {"id": 5}, "a": "c5", "b": null}])"));
  EXPECT_EQ(diff.columns[1].changed, 2);
  EXPECT_EQ(diff.columns[2].changed, 0);
  EXPECT_EQ(diff.removed_samples.size(), 5U);
  EXPECT_EQ(diff.removed_samples[0]["id"], 990);
  EXPECT_FALSE(diff.same());
  EXPECT_TRUE(Compare("t.orders", "t.orders").same());
}

TEST_F(DiffTest, NullKeysAreOneKeyAndNanIsItself) {
  Must("create schema t; create table t.a as select * from (values (null, 'nan'::double, 1), (1, 2.0, 2)) v(id, x, y)");
  Must("create table t.b as select * from t.a");
  EXPECT_TRUE(Compare("t.a", "t.b").same());
  Must("update t.b set y = 3 where id is null");
  const DataDiff diff = Compare("t.a", "t.b");
  EXPECT_EQ(diff.changed, 1);
  EXPECT_EQ(diff.added + diff.removed, 0);
}

TEST_F(DiffTest, RepeatedKeysAreCountedAndDoNotMultiply) {
  Must("create schema t; create table t.a as select range // 2 as id, range as v from range(10)");
  Must("create table t.b as select * from t.a where v <> 9");
  const DataDiff diff = Compare("t.a", "t.b");
  EXPECT_EQ(diff.repeated_a, 5);
  EXPECT_EQ(diff.repeated_b, 4);
  EXPECT_EQ(diff.rows_a, 10);
  EXPECT_EQ(diff.removed, 1);
  EXPECT_EQ(diff.unchanged + diff.changed, 9);
}

TEST_F(DiffTest, WithoutKeyRowsCountAsOftenAsTheyOccur) {
  Must("create schema t; create table t.a as select range % 3 as x from range(9); create table t.b as from t.a");
  Must("insert into t.b values (1), (7)");
  const DataDiff diff = Compare("t.a", "t.b", {});
  EXPECT_EQ(diff.added, 2);
  EXPECT_EQ(diff.removed, 0);
  EXPECT_EQ(diff.unchanged, 9);
  EXPECT_EQ(diff.added_samples, Json::parse(R"([{"x": 1}, {"x": 7}])"));
}

TEST_F(DiffTest, SchemasDifferByColumnAndTypeAndNumbersCompareAcrossTypes) {
  Must("create schema t; create table t.a as select 1::integer as id, 2.50::decimal(9,2) as amount, 'x' as gone");
  Must("create table t.b as select 1::bigint as \"ID\", 2.5::double as amount, true as fresh");
  const DataDiff diff = Compare("t.a", "t.b");
  EXPECT_EQ(diff.changed, 0);
  EXPECT_EQ(diff.unchanged, 1);
  ASSERT_EQ(diff.schema.columns.size(), 4U);
  EXPECT_EQ(diff.schema.columns[2].name, "gone");
  EXPECT_EQ(diff.schema.columns[2].type_b, "");
  EXPECT_EQ(diff.schema.columns[3].name, "fresh");
  EXPECT_FALSE(diff.same());
  EXPECT_TRUE(Compare("t.a", "t.b", {.key = {"id"}, .ignored = {"id", "amount", "gone", "fresh"}}).same());
}

TEST_F(DiffTest, NumbersWithinTheToleranceAreTheSame) {
  MakeOrders();
  Must("create table t.b as select * replace (amount * 1.001 as amount) from t.orders");
  const auto changed = [&](const char* tolerance) {
    const auto parsed = ParseTolerance(tolerance);
    EXPECT_TRUE(parsed);
    return Compare("t.orders", "t.b", {.key = {"id"}, .ignored = {}, .tolerance = *parsed}).changed;
  };
  EXPECT_EQ(changed("0"), 999);
  EXPECT_EQ(changed("0.2%"), 0);
  EXPECT_EQ(changed("0.75"), 499);
  for (const char* wrong : {"", "x", "-1", "1%%", "inf"}) EXPECT_FALSE(ParseTolerance(wrong)) << wrong;
}

TEST_F(DiffTest, NamesThatAreNotColumnsAreRefused) {
  MakeOrders();
  for (const DiffOptions& options : {DiffOptions{.key = {"idd"}}, DiffOptions{.columns = {"custmer"}}}) {
    const auto diff = Diff(*session_, Find("t.orders"), Find("t.orders"), options);
    ASSERT_FALSE(diff);
    EXPECT_EQ(diff.error().code(), ErrorCode::kUsage);
    EXPECT_NE(diff.error().hint().find("did you mean"), std::string::npos) << diff.error().ToString();
  }
}

TEST_F(DiffTest, AFileReconcilesWithTheTableItLandedIn) {
  Must(
      "create schema t; create table t.landed as select range as id, (range / 4)::decimal(12,2) as amount, 'ü' || "
      "range "
      "as name, date '2018-05-24' + (range % 9)::integer as day, 'f.csv' as source_file from range(500)");
  const std::string file = folder_ + "/source.csv";
  Must("copy (select * exclude (source_file) from t.landed order by id desc) to '" + file + "' (header)");
  const Reconciliation same = Figures(file, "t.landed");
  EXPECT_TRUE(same.holds()) << JsonText(same.ToJson(), 1);
  EXPECT_EQ(same.only_landed, std::vector<std::string>{"source_file"});
  Must("update t.landed set amount = amount + 0.01 where id = 7");
  EXPECT_EQ(BrokenOf(Figures(file, "t.landed")), (std::vector<std::string>{"amount sum", "amount hash"}));
  EXPECT_TRUE(Figures(file, "t.landed", {.columns = {}, .ignored = {}, .tolerance = {.share = 0.001}}).holds());
  Must("delete from t.landed where id = 499");
  EXPECT_EQ(BrokenOf(Figures(file, "t.landed", {.columns = {"id"}})),
            (std::vector<std::string>{" rows", "id values", "id sum", "id max", "id hash"}));
}

TEST_F(DiffTest, SwappedTextsAreSeenByTheirHash) {
  Must(
      "create schema t; create table t.a as select 'x' as p union all select 'y'; create table t.b as select 'x' as p "
      "union all select 'z'");
  EXPECT_EQ(BrokenOf(Figures("t.a", "t.b")), std::vector<std::string>{"p hash"});
  Must("create table t.c as select 'y' as p union all select 'x'");
  EXPECT_TRUE(Figures("t.a", "t.c").holds());
}

TEST_F(DiffTest, ACsvFileWithUnevenLinesIsRefusedWithItsLine) {
  const std::string path = folder_ + "/uneven.csv";
  const auto line_of = [&](const std::string& text) -> std::int64_t {
    std::ofstream(path) << text;
    const auto source = FindData(*engine_, *session_, path);
    EXPECT_FALSE(source) << text;
    return source ? 0 : source.error().line();
  };
  EXPECT_EQ(line_of("a,b\n1,2\n3\n"), 3);
  EXPECT_EQ(line_of("a,b\n1,2\n3,4,5\n6,7\n"), 3);
  EXPECT_EQ(line_of("a,b\n1,2\n3\n4,5,6\n"), 3);
  for (const char* even : {"a,b\n1,2\n3,\n", "a;b\n\"x\n,y\";2\n", "a\n1\n2\n", "a,b\n\"1,5\",2\n\n3,4\n"}) {
    std::ofstream(path) << even;
    EXPECT_TRUE(FindData(*engine_, *session_, path)) << even;
  }
}

}  // namespace
}  // namespace smelt::quality
