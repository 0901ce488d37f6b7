#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chart/canvas.h"
#include "chart/number_format.h"
#include "chart/share_charts.h"

namespace smelt::chart {

/// One of the 26 states of Brazil or its federal district, with its tile on a grid that keeps neighbours together.
struct StateTile {
  std::string_view code;
  std::string_view name;
  int column = 0, row = 0;
};

/// All 27, in the order of their codes.
std::span<const StateTile> BrazilianStates();

/// Values by state: `name` of a part is the code. Codes that are none are left out, and counted.
struct StateMap {
  std::vector<Part> values = {};
  NumberFormat format = {};
};

/// Draws a tile for each state, the darker the more it has; pale with a border where there is no value.
void Draw(const StateMap& map, const Box& box, Canvas& canvas);

}  // namespace smelt::chart
