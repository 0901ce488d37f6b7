#include "chart/line_chart.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "chart/font.h"
#include "chart/internal/axes.h"

namespace smelt::chart {
namespace {

using internal::EndLabel;
using internal::NumberAxis;
using internal::Range;

constexpr double kBottomRoom = 16;
constexpr std::size_t kManyPoints = 90;  // the line is thinner then

/// The points of a line in pieces without gaps.
std::vector<std::vector<Point>> Pieces(const std::vector<std::optional<double>>& values,
                                       const std::vector<double>& places, const Scale& height) {
  std::vector<std::vector<Point>> pieces(1);
  for (std::size_t index = 0; index < std::min(values.size(), places.size()); ++index) {
    if (values[index] && std::isfinite(*values[index])) {
      pieces.back().push_back({places[index], height(*values[index])});
    } else if (!pieces.back().empty()) {
      pieces.emplace_back();
    }
  }
  if (pieces.back().empty()) pieces.pop_back();
  return pieces;
}

std::size_t PlacesOf(const LineChart& chart) {
  return chart.at_us.empty() ? chart.labels.size() : chart.at_us.size();
}

std::vector<double> Places(const LineChart& chart, const Box& plot) {
  std::vector<double> places;
  const std::size_t count = PlacesOf(chart);
  if (chart.at_us.empty()) {
    const Scale along(0, std::max(1.0, static_cast<double>(count) - 1), plot.x + 4, plot.right() - 4);
    for (std::size_t index = 0; index < count; ++index) places.push_back(along(static_cast<double>(index)));
    return places;
  }
  const Scale along(static_cast<double>(chart.at_us.front()), static_cast<double>(chart.at_us.back()), plot.x + 4,
                    plot.right() - 4);
  for (const std::int64_t at : chart.at_us) places.push_back(along(static_cast<double>(at)));
  return places;
}

void DrawPlaces(const LineChart& chart, const Box& plot, const std::vector<double>& places, Canvas& canvas) {
  if (chart.at_us.empty()) return internal::DrawBottomLabels(chart.labels, places, plot, canvas);
  const Scale along(static_cast<double>(chart.at_us.front()), static_cast<double>(chart.at_us.back()), plot.x + 4,
                    plot.right() - 4);
  std::vector<std::string> labels;
  std::vector<double> marks;
  for (const TimeTick& tick :
       TimeTicks(chart.at_us.front(), chart.at_us.back(), std::max(2, static_cast<int>(plot.width / 42)))) {
    labels.push_back(tick.label);
    marks.push_back(along(static_cast<double>(tick.at_us)));
  }
  if (labels.empty()) labels = chart.labels, marks = places;
  internal::DrawBottomLabels(labels, marks, plot, canvas);
}

/// What stands at the right: the names of several lines with their last values, or the last value of the only one.
std::vector<EndLabel> EndLabels(const LineChart& chart) {
  std::vector<EndLabel> labels;
  const bool several = chart.lines.size() > 1 || chart.previous;
  const auto add = [&](const Series& line, Ink ink) {
    const auto last = std::ranges::find_if(line.values.rbegin(), line.values.rend(),
                                           [](const auto& value) { return value && std::isfinite(*value); });
    if (last == line.values.rend()) return;
    const std::string figure = FormatShort(**last, chart.format);
    labels.push_back({**last, several ? line.name : std::string(), figure, ink, several});
  };
  for (std::size_t index = 0; index < chart.lines.size(); ++index) add(chart.lines[index], CategoryInk(index));
  if (chart.previous) add(*chart.previous, Ink::kPrevious);
  return labels;
}

void DrawLine(const Series& line, Ink ink, bool area, const NumberAxis& axis, const Box& plot,
              const std::vector<double>& places, Canvas& canvas) {
  const Scale height = axis.Vertical(plot);
  for (const auto& piece : Pieces(line.values, places, height)) {
    if (area && piece.size() > 1) {
      std::vector<Point> surface = piece;
      surface.push_back({piece.back().x, height(0)});
      surface.push_back({piece.front().x, height(0)});
      canvas.Fill(surface, {ink, 0.14});
    }
    canvas.Line(piece, {.paint = {ink}, .width = piece.size() > kManyPoints ? 1.0 : 1.6});
    if (piece.size() == 1) canvas.Circle(piece.front(), 1.6, {ink});
  }
}

}  // namespace

void Draw(const LineChart& chart, const Box& box, Canvas& canvas) {
  std::optional<Range> range;
  for (const Series& line : chart.lines) internal::Widen(range, line.values);
  if (!range || PlacesOf(chart) == 0) return internal::DrawEmpty(box, canvas);
  if (chart.previous) internal::Widen(range, chart.previous->values);
  // Lines need no base at zero; they get it where it costs little of the height.
  if (chart.area || (range->low > 0 && range->low < range->high * 0.6)) range->low = std::min(range->low, 0.0);
  if (chart.area || (range->high < 0 && range->high > range->low * 0.6)) range->high = std::max(range->high, 0.0);

  const NumberAxis axis = internal::MakeAxis(range->low, range->high, box.height - kBottomRoom, chart.format);
  std::vector<EndLabel> labels = EndLabels(chart);
  const double right = internal::EndLabelWidth(labels, box.width * 0.4);
  const Box plot = {box.x + axis.label_width + 5, box.y + 5, box.width - axis.label_width - 5 - right,
                    box.height - kBottomRoom - 5};
  internal::DrawAxis(axis, plot, canvas);
  const std::vector<double> places = Places(chart, plot);
  DrawPlaces(chart, plot, places, canvas);
  const Scale height = axis.Vertical(plot);
  if (chart.previous) {
    for (const auto& piece : Pieces(chart.previous->values, places, height)) {
      canvas.Line(piece, {.paint = {Ink::kPrevious}, .width = 0.9});
    }
  }
  for (std::size_t index = 0; index < chart.lines.size(); ++index) {
    DrawLine(chart.lines[index], CategoryInk(index), chart.area, axis, plot, places, canvas);
  }
  for (EndLabel& label : labels) label.y = height(label.y);
  internal::DrawEndLabels(labels, plot, right, canvas);
}

void DrawSparkline(const std::vector<std::optional<double>>& values, const Box& box, Canvas& canvas) {
  std::optional<Range> range;
  internal::Widen(range, values);
  if (!range || values.size() < 2) return;
  const Scale height(range->low, range->high, box.bottom() - 2, box.y + 2);
  const Scale along(0, static_cast<double>(values.size() - 1), box.x, box.right() - 2);
  std::vector<double> places;
  for (std::size_t index = 0; index < values.size(); ++index) places.push_back(along(static_cast<double>(index)));
  const auto pieces = Pieces(values, places, height);
  for (const auto& piece : pieces) canvas.Line(piece, {.paint = {Ink::kCategory1}, .width = 1.1});
  canvas.Circle(pieces.back().back(), 1.8, {Ink::kCategory1});
}

}  // namespace smelt::chart
