#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/session.h"

namespace smelt::engine {
namespace {

class NumberFunctionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    engine_ = Engine::OpenWithoutLake(2, "").value();
    session_ = engine_->Connect().value();
    ASSERT_TRUE(session_->Execute(
        "create temporary table numbers as select case i % 11 when 0 then null when 1 then 'inf'::double when 2 then "
        "'-inf'::double else i / 7 end as x, case when i % 5000 = 4999 then 'nan'::double when i % 3 = 0 then null "
        "else "
        "i end as y from range(20000) t(i)"));
  }

  ResultTable Query(const std::string& sql) {
    auto result = session_->Query(sql);
    EXPECT_TRUE(result) << sql << ": " << result.error().message();
    return result ? *std::move(result) : ResultTable{};
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(NumberFunctionsTest, NotANumberIsMissing) {
  for (const char* type : {"DOUBLE", "FLOAT"}) {
    const ResultTable result = Query(fmt::format(
        "select count_if(smelt_present(x) is distinct from case when isnan(x) then null else x end), count_if(x is "
        "not null), any_value(typeof(smelt_present(x))) from (select unnest([x, y])::{} as x from numbers)",
        type));
    EXPECT_EQ(result.Int(0, 0), 0) << type;
    EXPECT_GT(result.Int(0, 1).value_or(0), 30000) << type;
    EXPECT_EQ(result.Text(0, 2), type);
  }
  EXPECT_EQ(Query("select count(y) - count(smelt_present(y)) from numbers").Int(), 4);
  EXPECT_EQ(Query("select smelt_present('nan'::double) is null").Text(0, 0), "true");
}

TEST_F(NumberFunctionsTest, AnswersAsBetween) {
  for (const char* bounds : {"0, 900", "0.5, 100.25", "-7, '-inf'", "'-inf', 3", "11, 'inf'::double"}) {
    const std::string text(bounds);
    const std::size_t comma = text.find(", ");
    const ResultTable result =
        Query(fmt::format("select count_if(smelt_within(x, {}) is distinct from x between {}::double and {}::double), "
                          "count(smelt_within(x, {})) - count(x) from numbers",
                          bounds, text.substr(0, comma), text.substr(comma + 2), bounds));
    EXPECT_EQ(result.Int(0, 0), 0) << bounds;
    EXPECT_EQ(result.Int(0, 1), 0) << bounds;
  }
  EXPECT_FALSE(session_->Query("select smelt_within(x, y, 1) from numbers"));
}

}  // namespace
}  // namespace smelt::engine
