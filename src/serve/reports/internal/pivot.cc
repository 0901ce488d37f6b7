#include "serve/reports/internal/pivot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace smelt::serve::reports::internal {
namespace {

using chart::Series;
using engine::Cell;

constexpr std::size_t kSeriesMax = 8;

/// Values in the order in which they first come.
class Distinct {
 public:
  std::size_t Place(const Cell& cell) {
    const auto [found, is_new] = places_.try_emplace(cell, cells_.size());
    if (is_new) cells_.push_back(cell);
    return found->second;
  }
  const std::vector<Cell>& cells() const { return cells_; }

  /// Their places with the smallest number first; as they came where one is no number.
  std::vector<std::size_t> Order() const {
    std::vector<std::size_t> order(cells_.size());
    std::iota(order.begin(), order.end(), 0);
    const auto number = [&](std::size_t place) { return NumberOf(cells_[place]); };
    const bool are_numbers = std::ranges::all_of(order, [&](std::size_t place) { return number(place).has_value(); });
    if (are_numbers) std::ranges::stable_sort(order, {}, [&](std::size_t place) { return *number(place); });
    return order;
  }

 private:
  std::map<Cell, std::size_t> places_;
  std::vector<Cell> cells_;
};

void AddTo(Series& series, std::size_t place, std::optional<double> value) {
  if (series.values.size() <= place) series.values.resize(place + 1);
  if (value) series.values[place] = series.values[place].value_or(0) + *value;
}

double Size(const Series& series) {
  double sum = 0;
  for (const auto& value : series.values) sum += std::abs(value.value_or(0));
  return sum;
}

/// Keeps the largest series, in their order.
void KeepLargest(std::vector<Series>& series, bool adds_up) {
  if (series.size() <= kSeriesMax) return;
  std::vector<std::size_t> order(series.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order,
                           [&](std::size_t one, std::size_t other) { return Size(series[one]) > Size(series[other]); });
  const std::size_t kept = adds_up ? kSeriesMax - 1 : kSeriesMax;
  Series other{.name = fmt::format("other ({})", series.size() - kept)};
  for (std::size_t at = kept; at < order.size(); ++at) {
    const auto& values = series[order[at]].values;
    for (std::size_t place = 0; place < values.size(); ++place) AddTo(other, place, values[place]);
  }
  order.resize(kept);
  std::ranges::sort(order);
  std::vector<Series> largest;
  for (const std::size_t at : order) largest.push_back(std::move(series[at]));
  if (adds_up) largest.push_back(std::move(other));
  series = std::move(largest);
}

/// Puts the places of a time axis in order; nothing is done when a place is no time.
void OrderByTime(const std::vector<Cell>& cells, Pivot& pivot, std::vector<Cell>& ordered) {
  std::vector<std::pair<std::int64_t, std::size_t>> instants;
  for (std::size_t place = 0; place < cells.size(); ++place) {
    const auto instant = InstantOf(cells[place]);
    if (!instant) return;
    instants.emplace_back(*instant, place);
  }
  std::ranges::sort(instants);
  const auto reorder = [&](Series& series) {
    Series moved{.name = series.name};
    for (const auto& [at, place] : instants) moved.values.push_back(series.values[place]);
    series = std::move(moved);
  };
  for (Series& series : pivot.series) reorder(series);
  if (pivot.previous) reorder(*pivot.previous);
  ordered.clear();
  for (const auto& [at, place] : instants) {
    pivot.at_us.push_back(at);
    ordered.push_back(cells[place]);
  }
}

}  // namespace

Pivot PivotRows(const TileRows& rows, const Json& drawing, const PivotColumns& columns) {
  Pivot pivot;
  const auto view = [&](std::size_t column) { return ViewOf(rows.columns[column], drawing); };
  Distinct places, names;
  if (!columns.series) {
    for (const std::size_t y : columns.y) pivot.series.push_back({.name = view(y).label});
  }
  if (columns.previous) pivot.previous = Series{.name = view(*columns.previous).label};
  for (const auto& row : rows.rows) {
    const std::size_t place = places.Place(row[columns.x]);
    if (columns.series) {
      const std::size_t name = names.Place(row[*columns.series]);
      if (name == pivot.series.size()) {
        pivot.series.push_back({.name = view(*columns.series).Write(row[*columns.series])});
      }
      AddTo(pivot.series[name], place, NumberOf(row[columns.y.front()]));
    } else {
      for (std::size_t at = 0; at < columns.y.size(); ++at) {
        AddTo(pivot.series[at], place, NumberOf(row[columns.y[at]]));
      }
    }
    if (columns.previous) AddTo(*pivot.previous, place, NumberOf(row[*columns.previous]));
  }
  KeepLargest(pivot.series, columns.adds_up);
  for (Series& series : pivot.series) series.values.resize(places.cells().size());
  if (pivot.previous) pivot.previous->values.resize(places.cells().size());
  pivot.format = view(columns.y.front()).number;
  std::vector<Cell> ordered = places.cells();
  const ColumnView x = view(columns.x);
  if (x.is_time()) OrderByTime(places.cells(), pivot, ordered);
  pivot.labels = AxisLabels(x, ordered);
  return pivot;
}

chart::HeatMap GridRows(const TileRows& rows, const Json& drawing, std::size_t x, std::size_t y, std::size_t value) {
  chart::HeatMap map;
  Distinct columns, lines;
  for (const auto& row : rows.rows) {
    const std::size_t column = columns.Place(row[x]), line = lines.Place(row[y]);
    if (map.values.size() <= line) map.values.resize(line + 1);
    auto& cells = map.values[line];
    if (cells.size() <= column) cells.resize(column + 1);
    if (const auto number = NumberOf(row[value])) cells[column] = cells[column].value_or(0) + *number;
  }
  const std::vector<std::size_t> order = columns.Order();
  for (auto& cells : map.values) {
    std::vector<std::optional<double>> ordered;
    for (const std::size_t column : order) ordered.push_back(column < cells.size() ? cells[column] : std::nullopt);
    cells = std::move(ordered);
  }
  std::vector<Cell> names_of_columns;
  for (const std::size_t column : order) names_of_columns.push_back(columns.cells()[column]);
  map.columns = AxisLabels(ViewOf(rows.columns[x], drawing), names_of_columns);
  ColumnView names = ViewOf(rows.columns[y], drawing);
  if (AreMonths(names, lines.cells())) names.style = ColumnStyle::kMonth;
  for (const Cell& cell : lines.cells()) map.rows.push_back(names.Write(cell));
  map.format = ViewOf(rows.columns[value], drawing).number;
  return map;
}

}  // namespace smelt::serve::reports::internal
