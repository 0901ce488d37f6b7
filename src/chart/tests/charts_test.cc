#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "chart/bar_chart.h"
#include "chart/big_number.h"
#include "chart/font.h"
#include "chart/heat_map.h"
#include "chart/line_chart.h"
#include "chart/share_charts.h"
#include "chart/state_map.h"

namespace smelt::chart {
namespace {

/// Keeps what was drawn.
class Record : public Canvas {
 public:
  struct Written {
    Box box;
    std::string text;
  };
  struct Drawn {
    Box box;
    Ink ink;
  };

  void Line(std::span<const Point> points, const Stroke& stroke) override {
    lines.emplace_back(points.begin(), points.end());
    line_inks.push_back(stroke.paint.ink);
  }
  void Fill(std::span<const Point> points, const Paint& paint) override {
    surfaces.emplace_back(points.begin(), points.end());
    surface_inks.push_back(paint.ink);
  }
  void Rectangle(const Box& box, const Paint& paint) override { boxes.push_back({box, paint.ink}); }
  void Circle(const Point& /*middle*/, double /*radius*/, const Paint& /*paint*/) override { ++circles; }
  void Text(const Point& baseline, std::string_view text, const TextStyle& style) override {
    const double width = TextWidth(text, style.size, style.bold);
    double x = baseline.x;
    if (style.anchor == Anchor::kMiddle) x -= width / 2;
    if (style.anchor == Anchor::kEnd) x -= width;
    if (!text.empty())
      texts.push_back({{x, baseline.y - style.size * 0.7, width, style.size * 0.7}, std::string(text)});
  }

  bool Says(std::string_view text) const {
    return std::ranges::any_of(texts, [&](const Written& written) { return written.text == text; });
  }
  std::vector<Box> BoxesOf(Ink ink) const {
    std::vector<Box> found;
    for (const Drawn& drawn : boxes) {
      if (drawn.ink == ink) found.push_back(drawn.box);
    }
    return found;
  }

  std::vector<std::vector<Point>> lines, surfaces;
  std::vector<Ink> line_inks, surface_inks;
  std::vector<Drawn> boxes;
  std::vector<Written> texts;
  int circles = 0;
};

constexpr Box kBox = {20, 30, 240, 150};

void ExpectSound(const Record& record) {
  constexpr double kSlack = 1.5;
  for (std::size_t one = 0; one < record.texts.size(); ++one) {
    const auto& [box, text] = record.texts[one];
    EXPECT_GE(box.x, kBox.x - kSlack) << text;
    EXPECT_LE(box.right(), kBox.right() + kSlack) << text;
    for (std::size_t other = 0; other < one; ++other) {
      const Box& near = record.texts[other].box;
      const bool apart = box.right() <= near.x + 0.5 || near.right() <= box.x + 0.5 || box.bottom() <= near.y + 0.5 ||
                         near.bottom() <= box.y + 0.5;
      EXPECT_TRUE(apart) << "'" << text << "' over '" << record.texts[other].text << "'";
    }
  }
}

std::vector<std::optional<double>> Numbers(std::initializer_list<double> values) {
  return {values.begin(), values.end()};
}

TEST(LineChart, LeavesGapsWhereThereAreNoValues) {
  LineChart chart;
  chart.labels = {"a", "b", "c", "d", "e"};
  chart.lines = {{"orders", {1, 2, std::nullopt, 4, 5}}};
  Record record;
  Draw(chart, kBox, record);
  EXPECT_EQ(std::ranges::count(record.line_inks, Ink::kCategory1), 2);
  ExpectSound(record);
}

TEST(LineChart, NamesLinesThatEndTogetherWithoutOverlap) {
  LineChart chart;
  for (int day = 0; day < 60; ++day) {
    chart.at_us.push_back((17'532LL + day) * 86'400'000'000);
  }
  for (int line = 0; line < 6; ++line) {
    Series series{"category number " + std::to_string(line), {}};
    for (int day = 0; day < 60; ++day) series.values.emplace_back(100 + line + day % 3);
    chart.lines.push_back(series);
  }
  chart.previous = Series{"year before", chart.lines.front().values};
  Record record;
  Draw(chart, kBox, record);
  ExpectSound(record);
  EXPECT_EQ(std::ranges::count(record.line_inks, Ink::kPrevious), 1);
}

TEST(LineChart, HasItsBaseAtZeroOnlyWhereThatCostsLittle) {
  LineChart chart{.labels = {"a", "b"}, .lines = {{"rate", Numbers({0.90, 0.93})}}, .format = {}};
  Record near;
  Draw(chart, kBox, near);
  EXPECT_FALSE(near.Says("0"));
  chart.lines[0].values = Numbers({20, 93});
  Record wide;
  Draw(chart, kBox, wide);
  EXPECT_TRUE(wide.Says("0"));
}

TEST(LineChart, SaysWhenThereIsNothing) {
  LineChart chart{.labels = {"a"}, .lines = {{"rate", {std::numeric_limits<double>::quiet_NaN()}}}};
  Record record;
  Draw(chart, kBox, record);
  EXPECT_TRUE(record.Says("No rows for this period."));
}

TEST(BarChart, BarsBeginAtZeroAndAreInProportion) {
  BarChart chart{.labels = {"a", "b", "c"}, .series = {{"revenue", Numbers({50, 100, -25})}}};
  Record record;
  Draw(chart, kBox, record);
  const auto bars = record.BoxesOf(Ink::kCategory1);
  ASSERT_EQ(bars.size(), 3U);
  EXPECT_NEAR(bars[1].height, 2 * bars[0].height, 1e-6);
  EXPECT_NEAR(bars[0].bottom(), bars[1].bottom(), 1e-6);
  EXPECT_NEAR(bars[2].y, bars[0].bottom(), 1e-6);
  EXPECT_NEAR(bars[2].height, bars[0].height / 2, 1e-6);
  ExpectSound(record);
}

TEST(BarChart, StacksInTheOrderOfTheSeries) {
  BarChart chart{.labels = {"a", "b"},
                 .series = {{"card", Numbers({3, 1})}, {"boleto", Numbers({1, 1})}},
                 .layout = BarLayout::kStacked};
  Record record;
  Draw(chart, kBox, record);
  EXPECT_NEAR(record.BoxesOf(Ink::kCategory2)[0].bottom(), record.BoxesOf(Ink::kCategory1)[0].y, 1e-6);
  EXPECT_TRUE(record.Says("boleto"));
  ExpectSound(record);
}

TEST(BarChart, SharesFillEveryBar) {
  BarChart chart{.labels = {"a", "b"},
                 .series = {{"card", Numbers({3, 10})}, {"boleto", Numbers({1, 30})}},
                 .layout = BarLayout::kShares};
  Record record;
  Draw(chart, kBox, record);
  EXPECT_NEAR(record.BoxesOf(Ink::kCategory2)[0].y, record.BoxesOf(Ink::kCategory2)[1].y, 1e-6);
  EXPECT_TRUE(record.Says("100%"));
}

TEST(BarChart, CountsTheCategoriesThatDoNotFit) {
  BarChart chart{.series = {{"revenue", {}}}, .horizontal = true};
  for (int index = 0; index < 40; ++index) {
    chart.labels.push_back("a rather long name of category " + std::to_string(index));
    chart.series[0].values.emplace_back(1000 - index);
  }
  Record record;
  Draw(chart, kBox, record);
  EXPECT_TRUE(record.Says("and 30 more"));
  ExpectSound(record);
}

TEST(HeatMap, CohortsAreMeasuredWithoutTheirFirstPeriod) {
  HeatMap map{.columns = {"0", "1", "2"},
              .rows = {"2017-01", "2017-02"},
              .values = {{1, 0.05, 0.02}, {1, 0.04}},
              .is_cohort = true,
              .format = {.kind = NumberKind::kPercent}};
  Record record;
  Draw(map, kBox, record);
  EXPECT_EQ(record.BoxesOf(Ink::kGrid).size(), 2U);
  EXPECT_TRUE(record.Says("5.0%"));
  EXPECT_TRUE(record.Says("100%"));
  ExpectSound(record);
}

TEST(FunnelChart, TellsSharesOfTheFirstAndOfTheStepBefore) {
  Record record;
  Draw(FunnelChart{.stages = {{"ordered", 200}, {"shipped", 100}, {"delivered", 90}}}, kBox, record);
  EXPECT_TRUE(record.Says("45.0%, 90.0% of step"));
  ExpectSound(record);
}

TEST(PieChart, HasAtMostFiveSlices) {
  PieChart chart;
  for (int index = 1; index <= 9; ++index) chart.parts.push_back({"part " + std::to_string(index), index * 1.0});
  Record record;
  Draw(chart, kBox, record);
  EXPECT_EQ(record.surfaces.size(), 5U);
  EXPECT_TRUE(record.Says("other (5)"));
  ExpectSound(record);
}

TEST(StateMap, HasATileForEachOfTheStates) {
  EXPECT_EQ(BrazilianStates().size(), 27U);
  std::set<std::pair<int, int>> tiles;
  for (const StateTile& state : BrazilianStates()) tiles.insert({state.column, state.row});
  EXPECT_EQ(tiles.size(), 27U);
  Record record;
  Draw(StateMap{.values = {{"SP", 100}, {"RJ", 40}, {"XX", 1}}}, kBox, record);
  EXPECT_EQ(record.BoxesOf(Ink::kGrid).size(), 25U);
  EXPECT_TRUE(record.Says("São Paulo"));
  EXPECT_TRUE(record.Says("1 not of Brazil"));
  ExpectSound(record);
}

TEST(BigNumber, ShrinksToItsBoxAndShowsTheDirectionByShape) {
  BigNumber number{.figure = "R$ 1,234,567,890.12",
                   .change = "-4.5%",
                   .against = "vs. the day before",
                   .direction = -1,
                   .verdict = Verdict::kBad,
                   .history = Numbers({1, 2, 3})};
  Record record;
  Draw(number, kBox, record);
  EXPECT_TRUE(record.Says("R$ 1,234,567,890.12"));
  ASSERT_EQ(record.surfaces.size(), 1U);
  EXPECT_EQ(record.surface_inks[0], Ink::kBad);
  EXPECT_GT(record.surfaces[0][2].y, record.surfaces[0][0].y);
  ExpectSound(record);
}

}  // namespace
}  // namespace smelt::chart
