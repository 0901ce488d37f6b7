#include "chart/bar_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "chart/font.h"
#include "chart/internal/axes.h"

namespace smelt::chart {
namespace {

using internal::EndLabel;
using internal::kLabelSize;
using internal::NumberAxis;
using internal::Range;

double ValueAt(const Series& series, std::size_t index) {
  if (index >= series.values.size() || !series.values[index] || !std::isfinite(*series.values[index])) return 0;
  return *series.values[index];
}

/// The chart with values that add up to 1 in each category.
BarChart AsShares(BarChart chart) {
  for (std::size_t index = 0; index < chart.labels.size(); ++index) {
    double sum = 0;
    for (const Series& series : chart.series) sum += std::max(0.0, ValueAt(series, index));
    for (Series& series : chart.series) {
      if (index >= series.values.size()) continue;
      series.values[index] = sum > 0 ? std::max(0.0, ValueAt(series, index)) / sum : 0;
    }
  }
  chart.format = {.kind = NumberKind::kPercent, .decimals = 0};
  chart.layout = BarLayout::kStacked;
  chart.previous.reset();
  return chart;
}

Range RangeOf(const BarChart& chart) {
  Range range;
  for (std::size_t index = 0; index < chart.labels.size(); ++index) {
    double up = 0, down = 0;
    for (const Series& series : chart.series) {
      const double value = ValueAt(series, index);
      if (chart.layout == BarLayout::kBeside) {
        up = std::max(up, value);
        down = std::min(down, value);
      } else {
        (value > 0 ? up : down) += value;
      }
    }
    if (chart.previous) {
      up = std::max(up, ValueAt(*chart.previous, index));
      down = std::min(down, ValueAt(*chart.previous, index));
    }
    range.high = std::max(range.high, up);
    range.low = std::min(range.low, down);
  }
  return range;
}

/// One bar, of one series in one category.
struct Bar {
  std::size_t category = 0, series = 0;
  double from = 0, to = 0;     ///< along the values
  double side = 0, width = 0;  ///< across, from the start of the category
};

std::vector<Bar> Bars(const BarChart& chart, double room) {
  std::vector<Bar> bars;
  const bool beside = chart.layout == BarLayout::kBeside;
  const double gap = std::min(room * 0.28, 14.0);
  const double width = (room - gap) / (beside ? static_cast<double>(chart.series.size()) : 1);
  for (std::size_t category = 0; category < chart.labels.size(); ++category) {
    double up = 0, down = 0;
    for (std::size_t index = 0; index < chart.series.size(); ++index) {
      const double value = ValueAt(chart.series[index], category);
      double& end = value > 0 ? up : down;
      const double from = beside ? 0 : end;
      end += value;
      bars.push_back({category, index, from, from + value, gap / 2 + (beside ? static_cast<double>(index) * width : 0),
                      beside && chart.series.size() > 1 ? width * 0.94 : width});
    }
  }
  return bars;
}

/// The names of stacked series at the right, at the middle of what they have in the last category.
std::vector<EndLabel> StackLabels(const BarChart& chart) {
  std::vector<EndLabel> labels;
  if (chart.layout != BarLayout::kStacked || chart.series.size() < 2 || chart.labels.empty()) return labels;
  double end = 0;
  for (std::size_t index = 0; index < chart.series.size(); ++index) {
    const double value = ValueAt(chart.series[index], chart.labels.size() - 1);
    labels.push_back({end + value / 2, chart.series[index].name, {}, CategoryInk(index), true});
    end += value;
  }
  return labels;
}

std::vector<std::string> LegendNames(const BarChart& chart) {
  std::vector<std::string> names;
  const bool labelled = chart.layout == BarLayout::kStacked && !chart.horizontal;
  if (chart.series.size() < 2 || labelled) return names;
  for (const Series& series : chart.series) names.push_back(series.name);
  return names;
}

void DrawVertical(const BarChart& chart, const Box& box, Canvas& canvas) {
  const Range range = RangeOf(chart);
  const NumberAxis axis = internal::MakeAxis(range.low, range.high, box.height - 16, chart.format);
  std::vector<EndLabel> labels = StackLabels(chart);
  if (chart.previous)
    labels.push_back(
        {ValueAt(*chart.previous, chart.labels.size() - 1), chart.previous->name, {}, Ink::kPrevious, true});
  const double right = internal::EndLabelWidth(labels, box.width * 0.3);
  const Box plot = {box.x + axis.label_width + 5, box.y + 9, box.width - axis.label_width - 5 - right, box.height - 25};
  internal::DrawAxis(axis, plot, canvas);
  const Scale height = axis.Vertical(plot);
  const double room = plot.width / static_cast<double>(chart.labels.size());
  const auto start = [&](std::size_t category) { return plot.x + static_cast<double>(category) * room; };
  const bool figures = chart.series.size() == 1 && !chart.previous && chart.labels.size() <= 16;
  for (const Bar& bar : Bars(chart, room)) {
    const double top = height(std::max(bar.from, bar.to)), bottom = height(std::min(bar.from, bar.to));
    canvas.Rectangle({start(bar.category) + bar.side, top, bar.width, bottom - top}, {CategoryInk(bar.series)});
    const std::string figure = FormatShort(bar.to, chart.format);
    if (!figures || bar.to == 0 || TextWidth(figure, kLabelSize) > room) continue;
    canvas.Text({start(bar.category) + bar.side + bar.width / 2, bar.to > 0 ? top - 2.5 : bottom + kLabelSize}, figure,
                {.size = kLabelSize, .paint = {Ink::kText}, .anchor = Anchor::kMiddle});
  }
  std::vector<double> places;
  for (std::size_t category = 0; category < chart.labels.size(); ++category) {
    places.push_back(start(category) + room / 2);
    if (!chart.previous || category >= chart.previous->values.size() || !chart.previous->values[category]) continue;
    const double y = height(ValueAt(*chart.previous, category));
    canvas.Line(std::array{Point{start(category) + 1, y}, Point{start(category) + room - 1, y}},
                {.paint = {Ink::kPrevious}, .width = 1.4});
  }
  internal::DrawBottomLabels(chart.labels, places, plot, canvas);
  for (EndLabel& label : labels) label.y = height(label.y);
  internal::DrawEndLabels(labels, plot, right, canvas);
}

void DrawHorizontal(BarChart chart, const Box& box, Canvas& canvas) {
  constexpr double kRowMin = 13, kRowMax = 24;
  const auto fits = static_cast<std::size_t>(std::max(1.0, std::floor(box.height / kRowMin)));
  const std::size_t total = chart.labels.size();
  if (total > fits) chart.labels.resize(std::max<std::size_t>(1, fits - 1));
  const double room = std::min(kRowMax, box.height / static_cast<double>(std::min(total, fits)));
  double names = 0, figures = 0;
  const Range range = RangeOf(chart);
  for (const std::string& label : chart.labels) names = std::max(names, TextWidth(label, kLabelSize));
  names = std::min(names, box.width * 0.38);
  for (const double end : {range.low, range.high}) {
    figures = std::max(figures, TextWidth(FormatShort(end, chart.format), kLabelSize) + 8);
  }
  for (const Bar& bar : Bars(chart, room)) {
    figures = std::max(figures, TextWidth(FormatShort(bar.to, chart.format), kLabelSize) + 8);
  }
  const Box plot = {box.x + names + 6 + (range.low < 0 ? figures : 0), box.y,
                    box.width - names - 6 - figures * (range.low < 0 ? 2 : 1), box.height};
  const Scale along(range.low, std::max(range.high, range.low == 0 ? 1e-12 : 0), plot.x, plot.right());
  for (std::size_t category = 0; category < chart.labels.size(); ++category) {
    const double y = plot.y + static_cast<double>(category) * room;
    canvas.Text({box.x + names, y + room / 2 + kLabelSize * 0.35}, FitText(chart.labels[category], names, kLabelSize),
                {.size = kLabelSize, .paint = {Ink::kText}, .anchor = Anchor::kEnd});
  }
  std::vector<double> ends(chart.labels.size());
  for (const Bar& bar : Bars(chart, room)) {
    const double y = plot.y + static_cast<double>(bar.category) * room + bar.side;
    const double low = along(std::min(bar.from, bar.to)), high = along(std::max(bar.from, bar.to));
    canvas.Rectangle({low, y, high - low, bar.width}, {CategoryInk(bar.series)});
    ends[bar.category] += ValueAt(chart.series[bar.series], bar.category);
    const bool is_last = bar.series + 1 == chart.series.size();
    if (chart.layout != BarLayout::kBeside && !is_last) continue;
    const double value = chart.layout == BarLayout::kBeside ? bar.to : ends[bar.category];
    if (bar.width < kLabelSize * 0.8) continue;
    canvas.Text({value < 0 ? low - 4 : high + 4, y + bar.width / 2 + kLabelSize * 0.35},
                FormatShort(value, chart.format),
                {.size = kLabelSize, .paint = {Ink::kText}, .anchor = value < 0 ? Anchor::kEnd : Anchor::kStart});
  }
  if (chart.previous) {
    for (std::size_t category = 0; category < chart.labels.size(); ++category) {
      const double x = along(ValueAt(*chart.previous, category));
      const double y = plot.y + static_cast<double>(category) * room;
      canvas.Line(std::array{Point{x, y + 1}, Point{x, y + room - 1}}, {.paint = {Ink::kPrevious}, .width = 1.4});
    }
  }
  if (total > fits) {
    canvas.Text({box.x, plot.bottom() - 3}, fmt::format("and {} more", total - chart.labels.size()),
                {.size = kLabelSize, .paint = {Ink::kMuted}});
  }
}

}  // namespace

void Draw(const BarChart& chart, const Box& box, Canvas& canvas) {
  if (chart.labels.empty() || chart.series.empty()) return internal::DrawEmpty(box, canvas);
  if (chart.layout == BarLayout::kShares) return Draw(AsShares(chart), box, canvas);
  const double legend = internal::DrawLegend(LegendNames(chart), box, canvas);
  const Box rest = {box.x, box.y + legend, box.width, box.height - legend};
  chart.horizontal ? DrawHorizontal(chart, rest, canvas) : DrawVertical(chart, rest, canvas);
}

}  // namespace smelt::chart
