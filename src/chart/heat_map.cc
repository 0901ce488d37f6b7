#include "chart/heat_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chart/font.h"
#include "chart/internal/axes.h"
#include "chart/internal/ramp.h"

namespace smelt::chart {
namespace {

using internal::kLabelSize;

constexpr double kRowMin = 11, kRowMax = 22, kColumnMin = 15;

std::optional<internal::Range> RangeOf(const HeatMap& map) {
  std::optional<internal::Range> range;
  for (const auto& row : map.values) {
    const std::size_t first = map.is_cohort && row.size() > 1 ? 1 : 0;
    internal::Widen(range, {row.begin() + static_cast<std::ptrdiff_t>(std::min(first, row.size())), row.end()});
  }
  if (range) range->low = std::min(range->low, 0.0);
  return range;
}

/// What fits of a number of rows or columns, and how large each is.
struct Fit {
  std::size_t shown = 0;
  double size = 0;
};

Fit FitInto(std::size_t count, double room, double least, double most) {
  const auto fits = static_cast<std::size_t>(std::max(1.0, std::floor(room / least)));
  const std::size_t shown = std::min(count, fits);
  return {shown, std::min(most, room / static_cast<double>(shown))};
}

}  // namespace

void Draw(const HeatMap& map, const Box& box, Canvas& canvas) {
  const auto range = RangeOf(map);
  if (!range || map.rows.empty() || map.columns.empty()) return internal::DrawEmpty(box, canvas);
  double names = 0;
  for (const std::string& row : map.rows) names = std::max(names, TextWidth(row, kLabelSize));
  names = std::min(names, box.width * 0.3) + 6;
  const Box grid = {box.x + names, box.y + 13, box.width - names, box.height - 13 - internal::kRampHeight};
  const Fit rows = FitInto(map.rows.size(), grid.height, kRowMin, kRowMax);
  const Fit columns = FitInto(map.columns.size(), grid.width, kColumnMin, grid.width);

  double widest = 0;
  for (const std::string& column : map.columns) widest = std::max(widest, TextWidth(column, kLabelSize));
  const auto every = static_cast<std::size_t>(std::max(1.0, std::ceil((widest + 4) / columns.size)));
  for (std::size_t column = 0; column < columns.shown; column += every) {
    canvas.Text({grid.x + (static_cast<double>(column) + 0.5) * columns.size, box.y + 9}, map.columns[column],
                {.size = kLabelSize, .paint = {Ink::kMuted}, .anchor = Anchor::kMiddle});
  }
  for (std::size_t row = 0; row < rows.shown; ++row) {
    const double y = grid.y + static_cast<double>(row) * rows.size;
    canvas.Text({grid.x - 6, y + rows.size / 2 + kLabelSize * 0.35}, FitText(map.rows[row], names - 6, kLabelSize),
                {.size = kLabelSize, .paint = {Ink::kText}, .anchor = Anchor::kEnd});
    for (std::size_t column = 0; column < columns.shown && row < map.values.size(); ++column) {
      if (column >= map.values[row].size() || !map.values[row][column]) continue;
      const double value = *map.values[row][column];
      const Box cell = {grid.x + static_cast<double>(column) * columns.size, y, columns.size - 1, rows.size - 1};
      if (map.is_cohort && column == 0) {
        internal::DrawPlainCell(cell, FormatShort(value, map.format), canvas);
        continue;
      }
      internal::DrawRampCell(cell, value, range->low, range->high, FormatShort(value, map.format), canvas);
    }
  }
  const std::size_t hidden = map.rows.size() - rows.shown, narrow = map.columns.size() - columns.shown;
  std::string note;
  if (hidden > 0) note = fmt::format("{} more {}", hidden, hidden == 1 ? "row" : "rows");
  if (narrow > 0)
    note += fmt::format("{}{} more {}", note.empty() ? "" : ", ", narrow, narrow == 1 ? "column" : "columns");
  const double below = grid.y + static_cast<double>(rows.shown) * rows.size;
  internal::DrawRamp({grid.x, below, grid.width, internal::kRampHeight}, range->low, range->high, map.format, note,
                     canvas);
}

}  // namespace smelt::chart
