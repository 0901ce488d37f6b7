#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chart/canvas.h"
#include "chart/number_format.h"

namespace smelt::chart {

/// Values over an axis; nothing where there is none.
struct Series {
  std::string name = {};
  std::vector<std::optional<double>> values = {};
};

/// Lines over time, or over categories in their order.
struct LineChart {
  std::vector<std::int64_t> at_us = {};  ///< where the values lie, ascending; empty: evenly, with `labels`
  std::vector<std::string> labels = {};  ///< of the places
  std::vector<Series> lines = {};        ///< named at their ends when there are several
  std::optional<Series> previous = {};   ///< the period before, a thin grey line
  bool area = false;                     ///< tinted down to zero, which is then the base
  NumberFormat format = {};
};

/// Draws within the box. Gaps in the values are gaps in the lines. Without values it says so.
void Draw(const LineChart& chart, const Box& box, Canvas& canvas);

/// A line without axes, with a dot on its last value: for beside a figure.
void DrawSparkline(const std::vector<std::optional<double>>& values, const Box& box, Canvas& canvas);

}  // namespace smelt::chart
