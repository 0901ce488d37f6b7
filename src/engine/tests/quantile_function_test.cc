#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/session.h"

namespace smelt::engine {
namespace {

class QuantileFunctionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    engine_ = Engine::OpenWithoutLake(2, "").value();
    session_ = engine_->Connect().value();
  }

  /// The number of answers of smelt_quantiles and of quantile_disc that differ.
  void ExpectSame(const std::string& relation, const std::string& shares) {
    const auto result = session_->Query(
        fmt::format("select smelt_quantiles(x, {0}), quantile_disc(x, {0}) from {1}", shares, relation));
    ASSERT_TRUE(result) << relation << ": " << result.error().message();
    ASSERT_FALSE(result->rows.empty());
    for (std::size_t row = 0; row < result->rows.size(); ++row) {
      EXPECT_EQ(result->Text(row, 0), result->Text(row, 1)) << relation << " at " << shares;
    }
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(QuantileFunctionTest, AnswersAsQuantileDisc) {
  for (const char* shares : {"[0.5]", "[0.95, 0.05, 0.5, 0.05]", "[0, 1]", "[0.4999995, 0.5000005]"}) {
    ExpectSame("(select (hash(i) % 5000)::bigint - 2500 as x from range(300000) t(i))", shares);  // repeat
    ExpectSame("(select hash(i)::double - 9e18 as x from range(300000) t(i))", shares);           // do not
    ExpectSame("(select case when i < 100000 then i else i % 100 end::double as x from range(400000) t(i))", shares);
    ExpectSame("(select case when i % 3 = 0 then null else i end::bigint as x from range(10) t(i))", shares);
    ExpectSame("(select unnest(['-inf', '1', 'inf', '-2.5', '0', 'nan', '1'])::double as x)", shares);
    ExpectSame("(select null::double as x)", shares);
    ExpectSame("(select 7::bigint as x where false)", shares);
  }
}

TEST_F(QuantileFunctionTest, AnswersByGroupAndFilter) {
  const auto result = session_->Query(
      "with t as (select i % 7 as g, (i * 31 % 1000)::double as x from range(50000) t(i)) select g, smelt_quantiles(x, "
      "[0.1, 0.9]) filter (where x > 500) as a, quantile_disc(x, [0.1, 0.9]) filter (where x > 500) as b from t "
      "group by g having a is distinct from b");
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_TRUE(result->rows.empty());
}

TEST_F(QuantileFunctionTest, RefusesSharesThatAreNone) {
  for (const char* shares : {"[1.5]", "[]", "[-0.1]", "[null]", "null", "[x]"}) {
    EXPECT_FALSE(session_->Query(fmt::format("select smelt_quantiles(x, {}) from (select 1.0::double as x)", shares)))
        << shares;
  }
}

}  // namespace
}  // namespace smelt::engine
