#include "chart/share_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "chart/font.h"
#include "chart/internal/axes.h"

namespace smelt::chart {
namespace {

using internal::kLabelSize;

constexpr std::size_t kSlicesMax = 5;

std::string ShareText(double value, double whole) {
  if (whole <= 0) return {};
  return FormatNumber(value / whole, {.kind = NumberKind::kPercent, .decimals = 1});
}

std::vector<Part> Slices(const PieChart& chart) {
  std::vector<Part> slices;
  for (const Part& part : chart.parts) {
    if (std::isfinite(part.value) && part.value > 0) slices.push_back(part);
  }
  std::ranges::stable_sort(slices, std::ranges::greater{}, &Part::value);
  if (slices.size() <= kSlicesMax) return slices;
  Part other{.name = fmt::format("other ({})", slices.size() - kSlicesMax + 1)};
  for (std::size_t index = kSlicesMax - 1; index < slices.size(); ++index) other.value += slices[index].value;
  slices.resize(kSlicesMax - 1);
  slices.push_back(other);
  return slices;
}

/// The outline of a slice; turns are counted clockwise from the top.
std::vector<Point> Outline(const Point& middle, double radius, double from, double to) {
  constexpr double kTurnsPerStep = 1.0 / 180;
  const int steps = std::max(1, static_cast<int>(std::ceil((to - from) / kTurnsPerStep)));
  std::vector<Point> points = {middle};
  for (int step = 0; step <= steps; ++step) {
    const double turn = (from + (to - from) * step / steps) * 2 * std::numbers::pi;
    points.push_back({middle.x + radius * std::sin(turn), middle.y - radius * std::cos(turn)});
  }
  return points;
}

}  // namespace

void Draw(const FunnelChart& chart, const Box& box, Canvas& canvas) {
  if (chart.stages.empty() || chart.stages.front().value <= 0) return internal::DrawEmpty(box, canvas);
  double names = 0;
  for (const Part& stage : chart.stages) names = std::max(names, TextWidth(stage.name, kLabelSize));
  names = std::min(names, box.width * 0.3) + 8;
  constexpr double kFigures = 110;
  const Box plot = {box.x + names, box.y, box.width - names - kFigures, box.height};
  const double room = std::min(34.0, box.height / static_cast<double>(chart.stages.size()));
  const double first = chart.stages.front().value;
  for (std::size_t index = 0; index < chart.stages.size(); ++index) {
    const Part& stage = chart.stages[index];
    const double y = plot.y + static_cast<double>(index) * room;
    const double width = plot.width * std::clamp(stage.value / first, 0.0, 1.0);
    const double line = y + room / 2 + kLabelSize * 0.35;
    canvas.Text({box.x, line}, FitText(stage.name, names - 8, kLabelSize), {.size = kLabelSize, .paint = {Ink::kText}});
    canvas.Rectangle({plot.middle() - plot.width / 2, y + 2, plot.width, room - 4}, {Ink::kCategory1, 0.07});
    canvas.Rectangle({plot.middle() - width / 2, y + 2, width, room - 4}, {Ink::kCategory1});
    const std::string figure = FormatShort(stage.value, chart.format);
    canvas.Text({plot.right() + 8, line}, figure, {.size = kLabelSize, .paint = {Ink::kText}, .bold = true});
    std::string shares = ShareText(stage.value, first);
    if (index > 1) shares += fmt::format(", {} of step", ShareText(stage.value, chart.stages[index - 1].value));
    if (index == 0) shares.clear();
    canvas.Text({plot.right() + 8 + TextWidth(figure, kLabelSize, true) + 5, line},
                FitText(shares, kFigures - 13 - TextWidth(figure, kLabelSize, true), kLabelSize),
                {.size = kLabelSize, .paint = {Ink::kMuted}});
  }
}

void Draw(const PieChart& chart, const Box& box, Canvas& canvas) {
  const std::vector<Part> slices = Slices(chart);
  if (slices.empty()) return internal::DrawEmpty(box, canvas);
  double whole = 0;
  for (const Part& slice : slices) whole += slice.value;
  const double radius = std::min(box.height / 2 - 2, box.width * 0.22);
  const Point middle = {box.x + radius + 4, box.y + box.height / 2};
  double turn = 0;
  for (std::size_t index = 0; index < slices.size(); ++index) {
    const double next = turn + slices[index].value / whole;
    const std::vector<Point> outline = Outline(middle, radius, turn, next);
    canvas.Fill(outline, {CategoryInk(index)});
    if (slices.size() > 1) canvas.Line(std::array{middle, outline[1]}, {.paint = {Ink::kSurface}, .width = 1.2});
    turn = next;
  }
  if (slices.size() > 1) {
    canvas.Line(std::array{middle, Point{middle.x, middle.y - radius}}, {.paint = {Ink::kSurface}, .width = 1.2});
  }
  constexpr double kLine = 17;
  const double x = middle.x + radius + 16;
  double y = middle.y - static_cast<double>(slices.size() - 1) * kLine / 2 + kLabelSize * 0.35;
  for (std::size_t index = 0; index < slices.size(); ++index, y += kLine) {
    const std::string share = ShareText(slices[index].value, whole);
    std::string figure = FormatShort(slices[index].value, chart.format);
    const double room = box.right() - x - 12 - TextWidth(share, kLabelSize, true) - 6;
    // Where name and figure do not both fit, the name is more.
    const double both = TextWidth(slices[index].name, kLabelSize) + TextWidth(figure, kLabelSize) + 5;
    if (both > room) figure.clear();
    const double name_room = room - (figure.empty() ? 0 : TextWidth(figure, kLabelSize) + 5);
    canvas.Rectangle({x, y - 6.5, 7, 7}, {CategoryInk(index)});
    const std::string name = FitText(slices[index].name, name_room, kLabelSize);
    canvas.Text({x + 12, y}, name, {.size = kLabelSize, .paint = {Ink::kText}});
    const double after = x + 12 + TextWidth(name, kLabelSize) + 6;
    canvas.Text({after, y}, share, {.size = kLabelSize, .paint = {Ink::kText}, .bold = true});
    canvas.Text({after + TextWidth(share, kLabelSize, true) + 5, y}, figure,
                {.size = kLabelSize, .paint = {Ink::kMuted}});
  }
}

}  // namespace smelt::chart
