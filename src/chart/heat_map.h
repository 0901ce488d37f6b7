#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chart/canvas.h"
#include "chart/number_format.h"

namespace smelt::chart {

/// A grid whose cells are the darker the more they hold.
struct HeatMap {
  std::vector<std::string> columns = {};
  std::vector<std::string> rows = {};
  std::vector<std::vector<std::optional<double>>> values = {};  ///< by row, then column; nothing leaves a cell empty
  /// The first column of retention by cohort is 100 % in every row: it does not count for the scale of colours.
  bool is_cohort = false;
  NumberFormat format = {};
};

/// Draws within the box. Rows and columns that do not fit are left out at the end, and counted.
void Draw(const HeatMap& map, const Box& box, Canvas& canvas);

}  // namespace smelt::chart
