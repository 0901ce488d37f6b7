#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chart/canvas.h"
#include "chart/line_chart.h"
#include "chart/number_format.h"

namespace smelt::chart {

enum class BarLayout : std::uint8_t {
  kBeside,   ///< the bars of several series stand beside each other
  kStacked,  ///< upon each other; negative values downwards
  kShares,   ///< stacked to 100 %; values below zero count as none
};

/// Bars over categories, always from zero.
struct BarChart {
  std::vector<std::string> labels = {};  ///< of the categories
  std::vector<Series> series = {};
  std::optional<Series> previous = {};  ///< the period before: a thin grey mark across each bar
  BarLayout layout = BarLayout::kBeside;
  bool horizontal = false;
  NumberFormat format = {};
};

/// Draws within the box. Categories of horizontal bars that do not fit are left out at the end, and counted.
void Draw(const BarChart& chart, const Box& box, Canvas& canvas);

}  // namespace smelt::chart
