#include "quality/anomalies.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "quality/profile_history.h"
#include "quality/tests/lake_fixture.h"

namespace smelt::quality {
namespace {

class AnomaliesTest : public LakeFixture {
 protected:
  DataSource Find(const std::string& name) {
    auto source = FindData(*engine_, *session_, name);
    EXPECT_TRUE(source) << source.error().ToString();
    return source ? *std::move(source) : DataSource();
  }
  /// Orders of 100 days: about 200 a day, 80 on weekends; a fifth pays by voucher.
  void MakeOrders() {
    Must(R"(create schema t; create table t.orders as
      select day + to_minutes((n % 1400)::integer) as placed, 10 + hash(d * 1000 + n) % 50 as amount,
        case when hash(n + d) % 5 = 0 then 'voucher' else 'card' end as payment, n % 2 = 0 as web
      from (select timestamp '2018-02-12' + to_days(d::integer) as day, d,
              (case when d % 7 >= 5 then 80 else 200 end) + hash(d) % 20 as rows from range(100) r(d)),
        range(220) s(n) where n < rows)");
  }
  AnomalyReport ByTime(const AnomalyOptions& options = {}, const TimeBuckets& buckets = {.column = "placed"}) {
    auto report = FindAnomaliesByTime(*session_, Find("t.orders"), buckets, options);
    EXPECT_TRUE(report) << report.error().ToString();
    return report ? *std::move(report) : AnomalyReport();
  }
  AnomalyReport InHistory(const AnomalyOptions& options = {}) {
    auto report = FindAnomaliesInHistory(*engine_, *session_, "t.n", options);
    EXPECT_TRUE(report) << report.error().ToString();
    return report ? *std::move(report) : AnomalyReport();
  }
  static std::vector<std::string> Named(const AnomalyReport& report) {
    std::vector<std::string> names;
    for (const AnomalyCheck& check : report.checks) {
      if (check.anomalous) names.push_back(check.column + " " + check.metric + " " + check.when);
    }
    return names;
  }
  void Record(const std::string& name) {
    auto profile = Profile(*session_, Find(name));
    ASSERT_TRUE(profile) << profile.error().ToString();
    const auto stored = StoreProfile(*session_, *profile);
    ASSERT_TRUE(stored) << stored.error().ToString();
  }
};

TEST_F(AnomaliesTest, ADayIsJudgedByItsWeekday) {
  MakeOrders();
  EXPECT_EQ(Named(ByTime({.last = 30})), std::vector<std::string>());
  Must("delete from t.orders where placed::date = date '2018-05-21' and amount > 20");  // a Monday
  const AnomalyReport report = ByTime({.last = 3}, {.column = "PLACED"});
  const auto rows = std::ranges::find_if(report.checks, &AnomalyCheck::anomalous);
  ASSERT_NE(rows, report.checks.end());
  EXPECT_EQ(rows->when, "2018-05-21");
  EXPECT_EQ(rows->metric, "rows");
  EXPECT_TRUE(rows->verdict.starts_with("t.orders of 2018-05-21: ")) << rows->verdict;
  EXPECT_TRUE(rows->verdict.ends_with(" by weekday")) << rows->verdict;
}

TEST_F(AnomaliesTest, NullsMeansAndMixesOfADayAreJudged) {
  MakeOrders();
  Must("update t.orders set amount = amount * 3 where placed::date = date '2018-05-20'");
  Must("update t.orders set payment = 'card' where placed::date = date '2018-05-21'");
  Must("update t.orders set web = null where placed::date = date '2018-05-22' and amount > 20");
  const auto names = Named(ByTime({.last = 3}));
  EXPECT_EQ(names,
            (std::vector<std::string>{"amount mean 2018-05-20", "web null_rate 2018-05-22", "payment mix 2018-05-21"}));
  EXPECT_EQ(Named(ByTime({.last = 3, .columns = {"PAYMENT"}})), std::vector<std::string>{"payment mix 2018-05-21"});
}

TEST_F(AnomaliesTest, ADayWithoutRowsIsThere) {
  MakeOrders();
  Must("delete from t.orders where placed::date = date '2018-05-17'");
  EXPECT_EQ(Named(ByTime({.last = 10, .columns = {"web"}})), std::vector<std::string>{" rows 2018-05-17"});
}

TEST_F(AnomaliesTest, ColumnsWithoutTimesAreRefused) {
  MakeOrders();
  for (const auto& [column, unit] :
       {std::pair("amount", "day"), std::pair("place", "day"), std::pair("placed", "decade")}) {
    const auto report = FindAnomaliesByTime(*session_, Find("t.orders"), {.column = column, .unit = unit}, {});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code(), ErrorCode::kUsage);
    EXPECT_FALSE(report.error().hint().empty());
  }
}

TEST_F(AnomaliesTest, AVersionIsJudgedByTheProfilesBefore) {
  Must("create schema t; create table t.n as select range as id, 'a' as kind, 5.0 as x from range(100)");
  Record("t.n");
  for (int i = 1; i < 14; ++i) {
    Must("insert into t.n select range, case when range % 4 = 0 then 'b' else 'a' end, 5 + range % 3 from range(100)");
    Record("t.n");
    Record("t.n");  // the same version again: kept once
  }
  EXPECT_EQ(Number("select count(distinct version) from quality.profiles"), 14);
  EXPECT_EQ(Number("select count(*) from quality.profiles where metric = 'rows'"), 14);
  EXPECT_EQ(Named(InHistory()), std::vector<std::string>());
  Must("delete from t.n where id % 3 > 0");
  Must("alter table t.n add column note varchar");
  Record("t.n");
  const auto names = Named(InHistory());
  EXPECT_NE(std::ranges::find(names, " rows version 15"), names.end());
  EXPECT_NE(std::ranges::find(names, " schema version 15"), names.end());
}

TEST_F(AnomaliesTest, TablesWithoutHistorySayHowToBegin) {
  const auto report = FindAnomaliesInHistory(*engine_, *session_, "t.n", {});
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().hint().find("smelt anomalies t.n"), std::string::npos);
  EXPECT_TRUE(ProfiledTables(*engine_, *session_)->empty());
}

}  // namespace
}  // namespace smelt::quality
