#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "chart/heat_map.h"
#include "chart/line_chart.h"
#include "serve/reports/picture.h"

namespace smelt::serve::reports::internal {

/// Which columns make series over an axis.
struct PivotColumns {
  std::size_t x = 0;
  std::vector<std::size_t> y = {};
  std::optional<std::size_t> series = {};    ///< one series for each of its values
  std::optional<std::size_t> previous = {};  ///< the values of the period before
  bool adds_up = false;  ///< series beyond the eighth become one, "other"; else the smallest are left out
};

/// Rows turned into series that have a value, or none, at each place of the axis.
struct Pivot {
  std::vector<std::int64_t> at_us = {};  ///< of the places, ascending; empty when x is no time
  std::vector<std::string> labels = {};
  std::vector<chart::Series> series = {};
  std::optional<chart::Series> previous = {};
  chart::NumberFormat format = {};
};

/// Values at the same place and series add up. Places are in the order of the rows, times in their own.
Pivot PivotRows(const TileRows& rows, const Json& drawing, const PivotColumns& columns);

/// Rows turned into a grid, in their order; columns that are numbers ascend.
chart::HeatMap GridRows(const TileRows& rows, const Json& drawing, std::size_t x, std::size_t y, std::size_t value);

}  // namespace smelt::serve::reports::internal
