#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "chart/number_format.h"
#include "engine/session.h"

namespace smelt::serve::reports {

/// How the values of a column are written.
enum class ColumnStyle : std::uint8_t { kText, kNumber, kDate, kMonth, kWeek, kDateTime };

/// A column of a tile's answer and how people see it, as `columns:` of the tile says. A value type.
struct ColumnView {
  std::string name = {};
  std::string label = {};
  std::string unit = {};
  ColumnStyle style = ColumnStyle::kText;
  chart::NumberFormat number = {};
  bool hidden = false;
  std::optional<bool> good_up = {};  ///< whether more is good; nothing: neither is

  bool is_number() const { return style == ColumnStyle::kNumber; }
  bool is_time() const { return style != ColumnStyle::kText && style != ColumnStyle::kNumber; }

  /// A value in full: "R$ 1,234.50", "31 Aug 2018", "n/a" for NULL.
  std::string Write(const engine::Cell& cell) const;
};

/// The view of a column under a tile's `drawing`.
ColumnView ViewOf(const engine::ResultColumn& column, const Json& drawing);

/// The number that a cell holds; nothing for NULL and what is none.
std::optional<double> NumberOf(const engine::Cell& cell);
/// The instant of a date or time, in microseconds since the epoch.
std::optional<std::int64_t> InstantOf(const engine::Cell& cell);

/// Whether values are months: they are said to be, or are days that all begin one.
bool AreMonths(const ColumnView& view, const std::vector<engine::Cell>& cells);
/// Short labels of values along an axis: "Aug 2018" of months, "31 Aug" of days, with the year where there are several.
std::vector<std::string> AxisLabels(const ColumnView& view, const std::vector<engine::Cell>& cells);

/// "31 Aug 2018" of "2018-08-31…"; the text itself when it is no day.
std::string DayText(const std::string& iso);

}  // namespace smelt::serve::reports
