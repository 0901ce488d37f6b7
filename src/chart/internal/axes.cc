#include "chart/internal/axes.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "chart/font.h"

namespace smelt::chart::internal {
namespace {

constexpr double kTickRoom = 30;    // between lines of the grid, at least
constexpr double kLabelGap = 10.5;  // between the baselines of end labels
constexpr double kSwatch = 7;

}  // namespace

NumberAxis MakeAxis(double low, double high, double height, const NumberFormat& format) {
  NumberAxis axis;
  axis.ticks = NiceTicks(low, high, std::clamp(static_cast<int>(height / kTickRoom), 2, 6));
  const double largest = std::max(std::abs(axis.low()), std::abs(axis.high()));
  for (const double value : axis.ticks.values) {
    axis.labels.push_back(FormatTick(value, axis.ticks.step, largest, format));
    axis.label_width = std::max(axis.label_width, TextWidth(axis.labels.back(), kLabelSize));
  }
  return axis;
}

void DrawAxis(const NumberAxis& axis, const Box& plot, Canvas& canvas) {
  const Scale place = axis.Vertical(plot);
  for (std::size_t index = 0; index < axis.labels.size(); ++index) {
    const double value = axis.ticks.values[index];
    const double y = place(value);
    const bool is_base = value == 0;
    canvas.Line(std::array{Point{plot.x, y}, Point{plot.right(), y}},
                {.paint = {is_base ? Ink::kPrevious : Ink::kGrid}, .width = is_base ? 0.8 : 0.5});
    canvas.Text({plot.x - 5, y + kLabelSize * 0.35}, axis.labels[index],
                {.size = kLabelSize, .paint = {Ink::kMuted}, .anchor = Anchor::kEnd});
  }
}

void DrawBottomLabels(const std::vector<std::string>& labels, const std::vector<double>& places, const Box& plot,
                      Canvas& canvas) {
  const std::size_t count = std::min(labels.size(), places.size());
  if (count == 0) return;
  // Every n-th, counted from the last, so that they stand evenly and the newest has its label.
  const auto place = [&](std::size_t index) {
    const double half = TextWidth(labels[index], kLabelSize) / 2;
    return std::min(places[index], std::max(plot.right() - half, plot.x + half));
  };
  std::size_t every = 1;
  const auto touches = [&] {
    for (std::size_t index = count - 1; index >= every; index -= every) {
      const double widths = TextWidth(labels[index], kLabelSize) + TextWidth(labels[index - every], kLabelSize);
      if (place(index) - place(index - every) < widths / 2 + 6) return true;
    }
    return false;
  };
  while (every < count && touches()) ++every;
  for (std::size_t step = 0; step < count; step += every) {
    const std::size_t index = count - 1 - step;
    canvas.Text({place(index), plot.bottom() + kLabelSize + 5}, labels[index],
                {.size = kLabelSize, .paint = {Ink::kMuted}, .anchor = Anchor::kMiddle});
  }
}

double EndLabelWidth(const std::vector<EndLabel>& labels, double most) {
  double width = 0;
  for (const EndLabel& label : labels) {
    const double name = label.name.empty() ? 0 : TextWidth(label.name, kLabelSize) + 4;
    width = std::max(width, name + TextWidth(label.figure, kLabelSize, true) + (label.swatch ? kSwatch + 4 : 0));
  }
  return labels.empty() ? 0 : std::min(width + 12, most);
}

void DrawEndLabels(const std::vector<EndLabel>& labels, const Box& plot, double width, Canvas& canvas) {
  std::vector<double> wanted;
  for (const EndLabel& label : labels) wanted.push_back(label.y);
  const std::vector<double> places = SpreadLabels(wanted, kLabelGap, plot.y + 2, plot.bottom());
  for (std::size_t index = 0; index < labels.size(); ++index) {
    const EndLabel& label = labels[index];
    double x = plot.right() + 8;
    if (label.swatch) {
      canvas.Rectangle({x, places[index] - kSwatch / 2, kSwatch, kSwatch}, {label.ink});
      x += kSwatch + 4;
    }
    const double line = places[index] + kLabelSize * 0.35;
    const double figure = label.figure.empty() ? 0 : TextWidth(label.figure, kLabelSize, true) + 4;
    const std::string name = FitText(label.name, plot.right() + width - x - figure, kLabelSize);
    canvas.Text({x, line}, name, {.size = kLabelSize, .paint = {Ink::kText}});
    if (!name.empty()) x += TextWidth(name, kLabelSize) + 4;
    canvas.Text({x, line}, label.figure, {.size = kLabelSize, .paint = {Ink::kText}, .bold = true});
  }
}

double DrawLegend(const std::vector<std::string>& names, const Box& box, Canvas& canvas) {
  if (names.empty()) return 0;
  const double most = box.width / static_cast<double>(names.size());
  double x = box.x;
  for (std::size_t index = 0; index < names.size(); ++index) {
    canvas.Rectangle({x, box.y + 2, kSwatch, kSwatch}, {CategoryInk(index)});
    const std::string name = FitText(names[index], most - kSwatch - 14, kLabelSize);
    canvas.Text({x + kSwatch + 4, box.y + 8.5}, name, {.size = kLabelSize, .paint = {Ink::kText}});
    x += kSwatch + 4 + TextWidth(name, kLabelSize) + 10;
  }
  return 16;
}

void Widen(std::optional<Range>& range, const std::vector<std::optional<double>>& values) {
  for (const auto& value : values) {
    if (!value || !std::isfinite(*value)) continue;
    if (!range) range = Range{*value, *value};
    range->low = std::min(range->low, *value);
    range->high = std::max(range->high, *value);
  }
}

void DrawEmpty(const Box& box, Canvas& canvas) {
  canvas.Text({box.middle(), box.y + box.height / 2}, "No rows for this period.",
              {.size = 9, .paint = {Ink::kMuted}, .anchor = Anchor::kMiddle});
}

}  // namespace smelt::chart::internal
