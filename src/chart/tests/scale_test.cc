#include "chart/scale.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>

namespace smelt::chart {
namespace {

std::int64_t Day(int year, unsigned month, unsigned day) {
  const std::chrono::sys_days date{std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day)};
  return std::chrono::duration_cast<std::chrono::microseconds>(date.time_since_epoch()).count();
}

std::vector<std::string> Labels(const std::vector<TimeTick>& ticks) {
  std::vector<std::string> labels;
  labels.reserve(ticks.size());
  for (const TimeTick& tick : ticks) labels.push_back(tick.label);
  return labels;
}

TEST(NumberTicks, AreRoundAndReachAroundTheValues) {
  const Ticks ticks = NiceTicks(0, 97, 5);
  EXPECT_EQ(ticks.values, (std::vector<double>{0, 20, 40, 60, 80, 100}));
  EXPECT_EQ(ticks.decimals, 0);
}

TEST(NumberTicks, SayHowManyDecimalsTheyNeed) {
  const Ticks ticks = NiceTicks(0.901, 0.943, 4);
  EXPECT_EQ(ticks.decimals, 2);
  EXPECT_DOUBLE_EQ(ticks.values.front(), 0.90);
  EXPECT_DOUBLE_EQ(ticks.values.back(), 0.96);
}

TEST(NumberTicks, CrossZeroAtZero) {
  const Ticks ticks = NiceTicks(-30, 70, 5);
  EXPECT_EQ(ticks.values, (std::vector<double>{-40, -20, 0, 20, 40, 60, 80}));
}

TEST(NumberTicks, MakeRoomAroundOneValueAndAroundNone) {
  EXPECT_LT(NiceTicks(5, 5, 4).values.front(), 5);
  EXPECT_GT(NiceTicks(5, 5, 4).values.back(), 5);
  EXPECT_EQ(NiceTicks(0, 0, 4).values.front(), 0);
  EXPECT_EQ(NiceTicks(std::numeric_limits<double>::quiet_NaN(), 1, 4).values.front(), 0);
}

TEST(NumberTicks, StayFewForAnyRange) {
  for (double range = 1e-9; range < 1e15; range *= 3.7) {
    const auto count = NiceTicks(0, range, 5).values.size();
    EXPECT_GE(count, 3U) << range;
    EXPECT_LE(count, 11U) << range;
  }
}

TEST(TimeTicks, AreStartsOfMonthsAndNameTheYearOnce) {
  const auto ticks = TimeTicks(Day(2017, 10, 15), Day(2018, 3, 20), 8);
  EXPECT_EQ(Labels(ticks), (std::vector<std::string>{"Nov 2017", "Dec", "Jan 2018", "Feb", "Mar"}));
  EXPECT_EQ(ticks.front().at_us, Day(2017, 11, 1));
}

TEST(TimeTicks, OfWeeksAreMondays) {
  const auto ticks = TimeTicks(Day(2018, 8, 1), Day(2018, 8, 29), 5);
  EXPECT_EQ(Labels(ticks), (std::vector<std::string>{"6 Aug 2018", "13 Aug", "20 Aug", "27 Aug"}));
}

TEST(TimeTicks, OfADayAreHours) {
  const auto ticks = TimeTicks(Day(2018, 8, 1), Day(2018, 8, 2), 5);
  EXPECT_EQ(Labels(ticks), (std::vector<std::string>{"1 Aug 2018", "06:00", "12:00", "18:00", "2 Aug"}));
}

TEST(TimeTicks, OfLongTimesAreYears) {
  const auto ticks = TimeTicks(Day(1995, 6, 1), Day(2018, 6, 1), 6);
  EXPECT_EQ(Labels(ticks), (std::vector<std::string>{"2000", "2005", "2010", "2015"}));
}

TEST(TimeTicks, BeforeTheEpochAreInOrder) {
  const auto ticks = TimeTicks(Day(1969, 10, 20), Day(1970, 2, 10), 6);
  EXPECT_EQ(Labels(ticks), (std::vector<std::string>{"Nov 1969", "Dec", "Jan 1970", "Feb"}));
}

TEST(Labels, ThatFitStayWhereTheyAre) {
  EXPECT_EQ(SpreadLabels({80, 20, 50}, 10, 0, 100), (std::vector<double>{80, 20, 50}));
}

TEST(Labels, ThatOverlapMoveApartAroundTheirMiddle) {
  EXPECT_EQ(SpreadLabels({52, 48}, 10, 0, 100), (std::vector<double>{55, 45}));
}

TEST(Labels, StayWithinTheirBounds) {
  EXPECT_EQ(SpreadLabels({99, 98, 97}, 10, 0, 100), (std::vector<double>{100, 90, 80}));
}

TEST(Labels, ShareTheRoomWhenThereIsTooLittle) {
  EXPECT_EQ(SpreadLabels({5, 5, 5}, 10, 0, 10), (std::vector<double>{0, 5, 10}));
}

}  // namespace
}  // namespace smelt::chart
