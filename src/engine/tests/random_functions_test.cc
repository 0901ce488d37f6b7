#include <gtest/gtest.h>

#include "engine/session.h"

namespace smelt::engine {
namespace {

class RandomFunctionsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = Engine::OpenWithoutLake(1, "256MiB");
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = std::move(*engine);
    auto session = engine_->Connect();
    ASSERT_TRUE(session) << session.error().ToString();
    session_ = std::move(*session);
  }

  std::string Text(const std::string& sql) {
    auto answer = session_->Query("select (" + sql + ")::VARCHAR");
    EXPECT_TRUE(answer) << answer.error().ToString();
    return answer ? answer->Text().value_or("null") : "";
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

/// Made data is compared by its bytes: what a salt and a row give must never change.
TEST_F(RandomFunctionsTest, DrawsStayAsTheyAre) {
  EXPECT_EQ(Text("smelt_uniform(1, 0)"), "0.9160981669305095");
  EXPECT_EQ(Text("smelt_uniform(-7, 123456789)"), "0.8426681924878288");
  EXPECT_EQ(Text("smelt_normal(1, 0)"), "1.2017940571855728");
  EXPECT_EQ(Text("smelt_digits(1, 0, 'A#-%#')"), "A6-20");
}

TEST_F(RandomFunctionsTest, DrawsAreSpreadAsTheySay) {
  EXPECT_EQ(Text("select bool_and(n between 9700 and 10300) from (select count(*) as n from range(100000) "
                 "group by floor(smelt_uniform(5, range) * 10))"),
            "true");
  EXPECT_EQ(Text("select abs(avg(x)) < 0.01 and abs(stddev(x) - 1) < 0.01 and max(abs(x)) < 4.9 "
                 "from (select smelt_normal(5, range) as x from range(100000))"),
            "true");
  // Neither neighbouring rows nor neighbouring salts go together.
  EXPECT_EQ(Text("select abs(corr(smelt_uniform(5, range), smelt_uniform(5, range + 1))) < 0.02 and "
                 "abs(corr(smelt_uniform(5, range), smelt_uniform(6, range))) < 0.02 from range(100000)"),
            "true");
}

TEST_F(RandomFunctionsTest, PicksFollowTheirWeights) {
  EXPECT_EQ(Text("[smelt_pick(u, ['a', 'b', 'c'], [1, 2, 1]::DOUBLE[]) for u in [0, 0.24, 0.25, 0.74, 0.75, 0.99]]"),
            "[a, a, b, b, c, c]");
  EXPECT_EQ(Text("[smelt_pick(u, [10, 20]::BIGINT[], [0, 1]::DOUBLE[]) for u in [0, 0.5]]"), "[20, 20]");
  EXPECT_FALSE(session_->Query("select smelt_pick(0.5, ['a'], [1, 2]::DOUBLE[])"));
  EXPECT_FALSE(session_->Query("select smelt_pick(0.5, [range::VARCHAR], [1]::DOUBLE[]) from range(3)"));
  EXPECT_EQ(Text("smelt_pick(null, ['a'], [1]::DOUBLE[])"), "null");
}

TEST_F(RandomFunctionsTest, IdsHaveTheirPattern) {
  EXPECT_EQ(Text("smelt_id('P####', 42)"), "P0042");
  EXPECT_EQ(Text("smelt_id('P##', 12345)"), "P12345");
  EXPECT_EQ(Text("smelt_id('O{day}-###', 7, DATE '2024-02-29')"), "O20240229-007");
  EXPECT_EQ(Text("regexp_full_match(smelt_digits(3, 4, '%##-x'), '[1-9][0-9][0-9]-x')"), "true");
}

}  // namespace
}  // namespace smelt::engine
