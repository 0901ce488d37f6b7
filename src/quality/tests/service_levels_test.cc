#include <gtest/gtest.h>

#include "quality/tests/lake_fixture.h"
#include "quality/validate.h"

/// Freshness, volume and references, as suites say them in few words.
namespace smelt::quality {
namespace {

class ServiceLevelsTest : public LakeFixture {
 protected:
  void SetUp() override {
    LakeFixture::SetUp();
    Must("create schema t; create table t.customers as select 'c' || range as id from range(3)");
    Must("create table t.orders (id int, customer varchar, loaded timestamptz, day date)");
    Must(R"(insert into t.orders select range, 'c' || range % 3, now() - interval '90 minutes',
         (now() at time zone 'UTC')::date - 1 from range(5))");
  }

  static Result<Suite> Parse(const std::string& keys, const std::string& name = "s.yml") {
    return ParseSuite("name: s\ntable: t.orders\nexpectations: []\n" + keys, name);
  }

  std::vector<bool> Judge(const std::string& keys) {
    auto suite = Parse(keys);
    EXPECT_TRUE(suite) << suite.error().ToString();
    auto result = Validate(*session_, *suite, {.table = "t.orders"}, {});
    EXPECT_TRUE(result) << result.error().ToString();
    std::vector<bool> verdicts;
    for (const ExpectationResult& one : result->results) {
      EXPECT_EQ(one.exception, "");
      verdicts.push_back(one.success);
    }
    verdict_ = result->verdict();
    return verdicts;
  }

  Verdict verdict_ = Verdict::kPass;
};

TEST_F(ServiceLevelsTest, FreshnessWarnsBeforeItFails) {
  const auto freshness = [](const char* warn, const char* error) {
    return std::string("freshness: {column: loaded, warn_after: {count: ") + warn +
           ", period: hour}, error_after: {count: " + error + ", period: hour}}";
  };
  EXPECT_EQ(Judge(freshness("2", "3")), (std::vector{true, true}));
  EXPECT_EQ(Judge(freshness("1", "2")), (std::vector{false, true}));
  EXPECT_EQ(verdict_, Verdict::kWarn);
  EXPECT_EQ(Judge(freshness("0", "1")), (std::vector{false, false}));
  EXPECT_EQ(verdict_, Verdict::kFail);
}

TEST_F(ServiceLevelsTest, VolumeLooksAtCompletePeriods) {
  EXPECT_EQ(Judge("volume: {column: day, per: day, min: 5, max: 5}"), std::vector{true});
  EXPECT_EQ(Judge("volume: {column: day, per: day, min: 6}"), std::vector{false});
  EXPECT_EQ(Judge("volume: {column: day, per: day, min: 5, periods: 2}"), std::vector{false}) << "a day without rows";
  Must("insert into t.orders select 9, 'c1', now(), (now() at time zone 'UTC')::date from range(100)");
  EXPECT_EQ(Judge("volume: {column: day, per: day, max: 5}"), std::vector{true}) << "today is not over";
}

TEST_F(ServiceLevelsTest, ReferencesLeadSomewhere) {
  EXPECT_EQ(Judge("references: [{column: customer, to: t.customers, field: id}]"), std::vector{true});
  Must("insert into t.orders values (7, 'nobody', null, null), (8, null, null, null)");
  EXPECT_EQ(Judge("references: [{column: customer, to: customers, field: id}]"), std::vector{false});
  EXPECT_EQ(Judge("references: {column: customer, to: customers, field: id, mostly: 0.5}"), std::vector{true});
}

TEST_F(ServiceLevelsTest, MistakesAreNamedWhereTheyStand) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"freshness: {column: loaded}", "neither warn_after nor error_after"},
      {"freshness: {column: loaded, error_after: 12h}", "a count and a period"},
      {"freshness: {column: loaded, error_after: {count: 12, period: hours}}", "a count and a period"},
      {"freshness: {colunm: at}", "colunm"},
      {"volume: {column: day, per: year, min: 1}", "one of hour, day, week, month"},
      {"volume: {column: day, min: 1}", "per"},
      {"volume: {column: day, per: day, min: 6, max: 5}", "min 6 is greater than max 5"},
      {"references: [customer]", "a list of objects"},
      {"references: [{column: customer}]", "to"},
  };
  for (const auto& [keys, part] : mistakes) {
    const auto suite = Parse(keys);
    ASSERT_FALSE(suite) << keys;
    EXPECT_NE(suite.error().message().find(part), std::string::npos) << suite.error().ToString();
    EXPECT_EQ(suite.error().line(), 4) << suite.error().ToString();
  }
}

}  // namespace
}  // namespace smelt::quality
