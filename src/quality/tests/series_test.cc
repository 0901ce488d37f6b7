#include "quality/series.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace smelt::quality {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kDayUs = 24 * kHourUs;

/// Orders of a shop, day by day: a week's rhythm, growth, chance.
std::vector<Observation> Orders(int days, double growth, unsigned seed) {
  constexpr double kWeek[] = {1.1, 1.0, 0.95, 1.0, 1.2, 0.6, 0.5};
  std::mt19937_64 random(seed);
  std::normal_distribution<double> chance(0, 0.06);
  std::vector<Observation> series;
  for (int day = 0; day < days; ++day) {
    const double value = std::round(300 * std::pow(1 + growth, day) * kWeek[day % 7] * std::exp(chance(random)));
    series.push_back({day * kDayUs, value, std::sqrt(value), value});
  }
  return series;
}

const SeriesOptions kCounts = {.false_alarm = 0.001, .proportional = true, .counts = true, .floor = 0};

std::int64_t AlarmsOf(const std::vector<SeriesVerdict>& judgements) {
  return std::ranges::count_if(judgements, &SeriesVerdict::anomalous);
}

TEST(SeriesTest, AQuietSundayIsNotAnAnomalyAndAQuietMondayIs) {
  std::vector<Observation> series = Orders(120, 0, 1);
  const std::size_t monday = 105;
  const std::size_t sunday = 104;
  ASSERT_EQ(monday % 7, 0U);
  series[monday].value = series[sunday].value;
  const auto judgements = JudgeSeries(series, kCounts);
  EXPECT_FALSE(judgements[sunday].anomalous);
  EXPECT_TRUE(judgements[monday].anomalous);
  EXPECT_EQ(judgements[monday].forecast, Forecast::kWeekday);
  EXPECT_NEAR(judgements[monday].expected, 330, 25);
  EXPECT_LT(judgements[monday].low, judgements[monday].expected);
  EXPECT_FALSE(judgements[monday + 7].anomalous) << "the anomaly became part of what is expected";
}

TEST(SeriesTest, FalseAlarmsStayNearTheirBudget) {
  std::int64_t alarms = 0;
  std::int64_t judged = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    const auto judgements = JudgeSeries(Orders(200, seed % 2 == 0 ? 0 : 0.003, seed), kCounts);
    alarms += AlarmsOf(judgements);
    judged += std::ranges::count_if(judgements, &SeriesVerdict::judged);
  }
  EXPECT_GT(judged, 10'000);
  EXPECT_LE(static_cast<double>(alarms), 0.003 * static_cast<double>(judged));
}

TEST(SeriesTest, ALevelThatLastsIsTheNewNormal) {
  std::vector<Observation> series = Orders(140, 0, 3);
  for (std::size_t day = 70; day < series.size(); ++day) series[day].value *= 3;
  const auto judgements = JudgeSeries(series, kCounts);
  EXPECT_TRUE(judgements[70].anomalous);
  EXPECT_EQ(std::count_if(judgements.begin() + 105, judgements.end(), [](const auto& one) { return one.anomalous; }),
            0);
}

TEST(SeriesTest, HoursAreComparedWithTheSameHoursOfTheWeek) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> chance(0, 0.05);
  std::vector<Observation> series;
  for (int hour = 0; hour < 24 * 7 * 6; ++hour) {
    const double weekend = hour / 24 % 7 >= 5 ? 0.3 : 1;
    const double value =
        std::round(1000 * weekend * (1.2 + std::sin(hour % 24 / 24.0 * 6.283)) * std::exp(chance(random)));
    series.push_back({hour * kHourUs, value, std::sqrt(value), value});
  }
  const std::size_t broken = 24 * 7 * 5 + 30;
  series[broken].value *= 0.4;
  const auto judgements = JudgeSeries(series, kCounts);
  EXPECT_TRUE(judgements[broken].anomalous);
  EXPECT_LE(AlarmsOf(judgements), 4);
}

TEST(SeriesTest, GrowthIsNoAnomalyAndALossIs) {
  std::vector<Observation> series;
  for (int i = 0; i < 60; ++i) series.push_back({i * kHourUs * 5, 1000.0 + 100 * i + i % 3, 0, 0});
  series[40].value = 3000;
  const auto judgements = JudgeSeries(series, {});
  EXPECT_TRUE(judgements[40].anomalous);
  EXPECT_EQ(AlarmsOf(judgements), 1);
}

TEST(SeriesTest, AConstantMayNotChangeButChanceMayMoveIt) {
  std::vector<Observation> series;
  for (int i = 0; i < 30; ++i) series.push_back({i * kDayUs, 0, 0.004, 0});
  series[20].value = 0.01;  // three of 300 rows
  series[25].value = 0.5;
  const auto judgements = JudgeSeries(series, {.false_alarm = 0.001, .floor = 0, .ceiling = 1});
  EXPECT_FALSE(judgements[20].anomalous);
  EXPECT_TRUE(judgements[25].anomalous);
  EXPECT_EQ(judgements[25].low, 0);
}

TEST(SeriesTest, TooLittleHistoryIsNotJudged) {
  for (const SeriesVerdict& judgement : JudgeSeries(Orders(static_cast<int>(kHistoryMin), 0, 1), kCounts)) {
    EXPECT_FALSE(judgement.judged);
  }
  EXPECT_TRUE(JudgeSeries({}, {}).empty());
}

TEST(SeriesTest, StabilityIsZeroOfTheSameAndGrowsWithTheDifference) {
  EXPECT_NEAR(PopulationStability({10, 90}, {100, 900}), 0, 1e-12);
  EXPECT_NEAR(PopulationStability({50, 50}, {90, 10}), 0.4 * std::log(1.8) + 0.4 * std::log(5), 1e-9);
  EXPECT_GT(PopulationStability({100, 0}, {0, 100}), 5);
  EXPECT_EQ(PopulationStability({}, {}), 0);
}

TEST(SeriesTest, QuantilesOfTheNormalDistribution) {
  EXPECT_NEAR(NormalQuantile(0.025), 1.959964, 1e-5);
  EXPECT_NEAR(NormalQuantile(0.0005), 3.290527, 1e-5);
}

}  // namespace
}  // namespace smelt::quality
