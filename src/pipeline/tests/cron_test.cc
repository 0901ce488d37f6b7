#include "pipeline/cron.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

namespace smelt::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::seconds;

local_seconds At(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
  return local_days(std::chrono::year(year) / month / day) + hours(hour) + minutes(minute) + seconds(second);
}

local_seconds Next(std::string_view schedule, local_seconds after) {
  const auto parsed = CronSchedule::Parse(schedule);
  EXPECT_TRUE(parsed) << parsed.error().ToString();
  return parsed ? parsed->NextAfter(after).value_or(local_seconds{}) : local_seconds{};
}

local_seconds Previous(std::string_view schedule, local_seconds before) {
  const auto parsed = CronSchedule::Parse(schedule);
  EXPECT_TRUE(parsed) << parsed.error().ToString();
  return parsed ? parsed->PreviousBefore(before).value_or(local_seconds{}) : local_seconds{};
}

TEST(Cron, FiresOnceADay) {
  EXPECT_EQ(Next("0 2 * * *", At(2018, 5, 24, 1, 59, 59)), At(2018, 5, 24, 2));
  EXPECT_EQ(Next("0 2 * * *", At(2018, 5, 24, 2)), At(2018, 5, 25, 2));
  EXPECT_EQ(Next("0 2 * * *", At(2018, 12, 31, 3)), At(2019, 1, 1, 2));
}

TEST(Cron, KnowsStepsRangesListsAndNames) {
  EXPECT_EQ(Next("*/15 * * * *", At(2018, 5, 24, 10, 15)), At(2018, 5, 24, 10, 30));
  EXPECT_EQ(Next("5/20 * * * *", At(2018, 5, 24, 10, 26)), At(2018, 5, 24, 10, 45));
  EXPECT_EQ(Next("0 8-18/4 * * *", At(2018, 5, 24, 12)), At(2018, 5, 24, 16));
  EXPECT_EQ(Next("0 8-18/4 * * *", At(2018, 5, 24, 16)), At(2018, 5, 25, 8));
  EXPECT_EQ(Next("1,31 0 * * *", At(2018, 5, 24, 0, 1)), At(2018, 5, 24, 0, 31));
  EXPECT_EQ(Next("0 0 1 JAN,jul *", At(2018, 5, 24)), At(2018, 7, 1));
  EXPECT_EQ(Next("0 0 * * mon-fri", At(2018, 5, 25)), At(2018, 5, 28));  // Friday to Monday
  EXPECT_EQ(Next("0 0 * * sat-sun", At(2018, 5, 26)), At(2018, 5, 27));
  EXPECT_EQ(Next("0 0 * * 7", At(2018, 5, 24)), At(2018, 5, 27));
}

TEST(Cron, KnowsMacros) {
  EXPECT_EQ(Next("@hourly", At(2018, 5, 24, 10, 30)), At(2018, 5, 24, 11));
  EXPECT_EQ(Next("@daily", At(2018, 5, 24, 10)), At(2018, 5, 25));
  EXPECT_EQ(Next("@weekly", At(2018, 5, 24)), At(2018, 5, 27));
  EXPECT_EQ(Next("@monthly", At(2018, 5, 24)), At(2018, 6, 1));
  EXPECT_EQ(Next("@yearly", At(2018, 5, 24)), At(2019, 1, 1));
}

TEST(Cron, ADayMatchesEitherFieldWhenBothAreRestricted) {
  EXPECT_EQ(Next("0 0 13 * fri", At(2018, 5, 11)), At(2018, 5, 13));
  EXPECT_EQ(Next("0 0 13 * fri", At(2018, 5, 13)), At(2018, 5, 18));
  EXPECT_EQ(Next("0 0 13 * */5", At(2018, 5, 14)), At(2018, 5, 18));  // */5 is sun,fri: a restriction
}

TEST(Cron, FindsRareDays) {
  EXPECT_EQ(Next("0 0 29 2 *", At(2018, 5, 24)), At(2020, 2, 29));
  EXPECT_EQ(Next("0 0 l 2 0#5", At(2020, 3, 1)), At(2032, 2, 29));  // a fifth Sunday in February
  EXPECT_EQ(Next("59 23 31 12 *", At(2018, 12, 31, 23, 58, 30)), At(2018, 12, 31, 23, 59));
}

TEST(Cron, KnowsSecondsAndYears) {
  EXPECT_EQ(Next("* * * * * */20", At(2018, 5, 24, 1, 2, 20)), At(2018, 5, 24, 1, 2, 40));
  EXPECT_EQ(Next("0 0 1 1 * 30 2020", At(2018, 5, 24)), At(2020, 1, 1, 0, 0, 30));
  const auto over = CronSchedule::Parse("0 0 1 1 * 0 2017");
  ASSERT_TRUE(over);
  EXPECT_FALSE(over->NextAfter(At(2018, 5, 24)));
  EXPECT_EQ(over->PreviousBefore(At(2018, 5, 24)), At(2017, 1, 1));
}

TEST(Cron, KnowsDaysByTheirPlaceInTheMonth) {
  EXPECT_EQ(Next("0 0 L * *", At(2018, 2, 1)), At(2018, 2, 28));
  EXPECT_EQ(Next("0 0 15,l * *", At(2018, 2, 15)), At(2018, 2, 28));
  EXPECT_EQ(Next("0 0 28-l * *", At(2018, 3, 28)), At(2018, 3, 29));
  EXPECT_EQ(Next("0 0 * * fri#2", At(2018, 5, 1)), At(2018, 5, 11));
  EXPECT_EQ(Next("0 0 * * 5#5", At(2018, 5, 1)), At(2018, 6, 29));
  EXPECT_EQ(Next("0 0 * * mon#1,l5", At(2018, 5, 8)), At(2018, 5, 25));
  EXPECT_EQ(Next("0 0 15w * *", At(2018, 7, 1)), At(2018, 7, 16));  // the 15th is a Sunday
  EXPECT_EQ(Next("0 0 1w * *", At(2018, 8, 30)), At(2018, 9, 3));   // the 1st is a Saturday, the month begins there
  EXPECT_EQ(Next("0 0 ? * mon", At(2018, 5, 24)), At(2018, 5, 28));
}

TEST(Cron, RangesGoRoundTheEnd) {
  EXPECT_EQ(Next("0 22-2 * * *", At(2018, 5, 24, 2)), At(2018, 5, 24, 22));
  EXPECT_EQ(Next("0 22-2 * * *", At(2018, 5, 24, 23)), At(2018, 5, 25, 0));
  EXPECT_EQ(Next("0 0 * * fri-mon", At(2018, 5, 28)), At(2018, 6, 1));
  EXPECT_EQ(Next("0 0 1 nov-jan *", At(2018, 5, 28)), At(2018, 11, 1));
  EXPECT_EQ(Next("0 0 1 jan-jan *", At(2018, 5, 28)), At(2018, 6, 1));  // as in croniter: all the way round
}

TEST(Cron, LooksBack) {
  EXPECT_EQ(Previous("0 2 * * *", At(2018, 5, 24, 2)), At(2018, 5, 23, 2));
  EXPECT_EQ(Previous("0 2 * * *", At(2018, 5, 24, 2, 0, 1)), At(2018, 5, 24, 2));
  EXPECT_EQ(Previous("*/15 8-18 * * mon-fri", At(2018, 5, 28, 8)), At(2018, 5, 25, 18, 45));
  EXPECT_EQ(Previous("0 0 29 2 *", At(2018, 5, 24)), At(2016, 2, 29));
}

class BadSchedule : public testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(BadSchedule, SaysWhatIsWrong) {
  const auto& [text, message] = GetParam();
  const auto schedule = CronSchedule::Parse(text);
  ASSERT_FALSE(schedule) << text;
  EXPECT_EQ(schedule.error().code(), ErrorCode::kPipelineSchedule);
  EXPECT_NE(schedule.error().message().find(message), std::string::npos) << schedule.error().message();
  EXPECT_FALSE(schedule.error().hint().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Cron, BadSchedule,
    testing::Values(std::tuple("", "has 0 fields"), std::tuple("0 2 * *", "has 4 fields"),
                    std::tuple("0 2 * * * * * *", "has 8 fields"), std::tuple("@dayly", "has 1 field,"),
                    std::tuple("60 2 * * *", "minute '60' of the schedule is outside 0 to 59"),
                    std::tuple("0 24 * * *", "hour '24'"), std::tuple("0 0 0 * *", "day of month '0'"),
                    std::tuple("0 0 * 13 *", "month '13'"), std::tuple("0 0 * * 8", "day of week '8'"),
                    std::tuple("0 0 * * mondy", "is not a number or name"), std::tuple("-1 0 * * *", "not a number"),
                    std::tuple("0 0 * * 5#6", "from 1 to 5"), std::tuple("0 0 * * 1,5#2", "mixes weekdays"),
                    std::tuple("0 0 1,15w * *", "stands alone"), std::tuple("0 ? * * *", "not a number"),
                    std::tuple("h h * * *", "a hash or to chance"), std::tuple("0 0 1 1 * 0 2100", "year '2100'"),
                    std::tuple("*/0 * * * *", "positive number"), std::tuple("*/ * * * *", "positive number"),
                    std::tuple("1,,2 * * * *", "not a number"), std::tuple("0x10 * * * *", "not a number"),
                    std::tuple("0 0 30 2 *", "never fires"), std::tuple("99999999999 * * * *", "not a number")));

TEST(Cron, AHugeStepIsOneValue) {
  EXPECT_EQ(Next("3/2000000000 0 * * *", At(2018, 5, 24)), At(2018, 5, 24, 0, 3));
  EXPECT_EQ(Next("*/2147483647 0 * * *", At(2018, 5, 24)), At(2018, 5, 25, 0, 0));
}

}  // namespace
}  // namespace smelt::pipeline
