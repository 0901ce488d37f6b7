#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chart/canvas.h"
#include "chart/number_format.h"
#include "chart/scale.h"

namespace smelt::chart::internal {

inline constexpr double kLabelSize = 8;

/// An axis of numbers at the left of a plot.
struct NumberAxis {
  Ticks ticks = {};
  std::vector<std::string> labels = {};  ///< of the ticks
  double label_width = 0;                ///< of the widest

  double low() const { return ticks.values.front(); }
  double high() const { return ticks.values.back(); }
  Scale Vertical(const Box& plot) const { return {low(), high(), plot.bottom(), plot.y}; }
};

NumberAxis MakeAxis(double low, double high, double height, const NumberFormat& format);

/// Draws the lines of the grid and their labels at the left of `plot`; the line of zero is darker.
void DrawAxis(const NumberAxis& axis, const Box& plot, Canvas& canvas);

/// Writes labels below the plot at their places, as many as do not touch each other; the last counts more than its
/// neighbours. `places` ascend.
void DrawBottomLabels(const std::vector<std::string>& labels, const std::vector<double>& places, const Box& plot,
                      Canvas& canvas);

/// A name at the right end of what it names.
struct EndLabel {
  double y = 0;
  std::string name = {};    ///< cut where it does not fit
  std::string figure = {};  ///< behind it, whole
  Ink ink = Ink::kMuted;
  bool swatch = true;
};

/// The width that end labels need, at most `most`.
double EndLabelWidth(const std::vector<EndLabel>& labels, double most);
/// Writes end labels at the right of the plot, moved apart where they would overlap.
void DrawEndLabels(const std::vector<EndLabel>& labels, const Box& plot, double width, Canvas& canvas);

/// One row of swatches with their names, cut where they do not fit; returns the height it took, 0 without names.
double DrawLegend(const std::vector<std::string>& names, const Box& box, Canvas& canvas);

/// The smallest and largest of values; nothing when there are none.
struct Range {
  double low = 0, high = 0;
};
void Widen(std::optional<Range>& range, const std::vector<std::optional<double>>& values);

/// Says in the middle of a box that there is nothing to draw.
void DrawEmpty(const Box& box, Canvas& canvas);

}  // namespace smelt::chart::internal
