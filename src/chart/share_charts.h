#pragma once

#include <string>
#include <vector>

#include "chart/canvas.h"
#include "chart/number_format.h"

namespace smelt::chart {

/// A part of a whole, or a stage that some get to.
struct Part {
  std::string name = {};
  double value = 0;
};

/// Stages of which each has fewer than the one before.
struct FunnelChart {
  std::vector<Part> stages = {};
  NumberFormat format = {};
};

/// Parts of a whole. The largest have slices of their own, at most five in all; what is left is one slice, "other".
struct PieChart {
  std::vector<Part> parts = {};
  NumberFormat format = {};
};

/// Draws bars around a middle line, each with its value, its share of the first stage and of the one before.
void Draw(const FunnelChart& chart, const Box& box, Canvas& canvas);

/// Draws slices clockwise from the top, the largest first, named at the right. Values at or below zero are left out.
void Draw(const PieChart& chart, const Box& box, Canvas& canvas);

}  // namespace smelt::chart
