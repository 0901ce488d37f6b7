#include "serve/reports/column_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <set>
#include <string_view>

#include "base/clock.h"

namespace smelt::serve::reports {
namespace {

using chart::NumberKind;
using engine::Cell;
using engine::TypeKind;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// The parts of a day as ISO 8601 writes it.
struct Day {
  int year = 0, month = 0, day = 0;

  std::string month_text() const { return std::string(kMonths.at(static_cast<std::size_t>(month) - 1)); }
};

std::optional<Day> ReadDay(std::string_view text) {
  Day day;
  const auto read = [&](std::size_t at, std::size_t length, int& value) {
    const auto end = std::from_chars(text.data() + at, text.data() + at + length, value);
    return end.ec == std::errc() && end.ptr == text.data() + at + length;
  };
  const bool is_day = text.size() >= 10 && text[4] == '-' && text[7] == '-' && read(0, 4, day.year) &&
                      read(5, 2, day.month) && read(8, 2, day.day);
  if (!is_day || day.month < 1 || day.month > 12) return std::nullopt;
  return day;
}

std::string LabelOf(std::string name) {
  std::ranges::replace(name, '_', ' ');
  if (!name.empty()) name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

ColumnStyle StyleOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kInteger:
    case TypeKind::kDecimal:
    case TypeKind::kFloat: return ColumnStyle::kNumber;
    case TypeKind::kDate: return ColumnStyle::kDate;
    case TypeKind::kTimestamp: return ColumnStyle::kDateTime;
    default: return ColumnStyle::kText;
  }
}

void Apply(const std::string& format, ColumnView& view) {
  view.style = ColumnStyle::kNumber;
  if (format == "integer") {
    view.number.decimals = 0;
  } else if (format == "percent") {
    view.number.kind = NumberKind::kPercent;
  } else if (format == "currency") {
    view.number.kind = NumberKind::kCurrency;
  } else if (format == "duration_days") {
    view.number.decimals = 1;
    if (view.unit.empty()) view.unit = "days";
  } else if (format == "bytes") {
    view.number.kind = NumberKind::kBytes;
  } else if (format != "number") {
    view.style = format == "date"       ? ColumnStyle::kDate
                 : format == "month"    ? ColumnStyle::kMonth
                 : format == "week"     ? ColumnStyle::kWeek
                 : format == "datetime" ? ColumnStyle::kDateTime
                                        : ColumnStyle::kText;
  }
}

}  // namespace

std::string DayText(const std::string& iso) {
  const auto day = ReadDay(iso);
  return day ? fmt::format("{} {} {}", day->day, day->month_text(), day->year) : iso;
}

std::optional<double> NumberOf(const Cell& cell) {
  if (!cell) return std::nullopt;
  double value = 0;
  const auto end = std::from_chars(cell->data(), cell->data() + cell->size(), value);
  if (end.ec != std::errc() || end.ptr != cell->data() + cell->size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> InstantOf(const Cell& cell) {
  if (!cell) return std::nullopt;
  const auto instant = ParseTimestampMicros(*cell);
  return instant ? std::optional(*instant) : std::nullopt;
}

std::string ColumnView::Write(const Cell& cell) const {
  if (!cell) return "n/a";
  if (style == ColumnStyle::kText) return *cell;
  if (style == ColumnStyle::kNumber) {
    const auto value = NumberOf(cell);
    return value ? chart::FormatNumber(*value, number) : *cell;
  }
  const auto day = ReadDay(*cell);
  if (!day) return *cell;
  if (style == ColumnStyle::kMonth) return fmt::format("{} {}", day->month_text(), day->year);
  if (style == ColumnStyle::kWeek) return "week of " + DayText(*cell);
  const bool has_time = style == ColumnStyle::kDateTime && cell->size() >= 16;
  return DayText(*cell) + (has_time ? " " + cell->substr(11, 5) : "");
}

ColumnView ViewOf(const engine::ResultColumn& column, const Json& drawing) {
  ColumnView view{.name = column.name, .label = LabelOf(column.name), .style = StyleOf(column.kind)};
  if (column.kind == TypeKind::kInteger) view.number.decimals = 0;
  const Json columns = drawing.value("columns", Json::object());
  const auto found = columns.find(column.name);
  if (found == columns.end()) return view;
  view.label = found->value("label", view.label);
  view.unit = found->value("unit", "");
  view.hidden = found->value("hidden", false);
  if (found->contains("format")) Apply((*found)["format"].get<std::string>(), view);
  view.number.decimals = found->value("decimals", view.number.decimals);
  view.number.currency = found->value("currency", "");
  if (found->contains("good")) view.good_up = (*found)["good"] == "up";
  return view;
}

bool AreMonths(const ColumnView& view, const std::vector<Cell>& cells) {
  if (view.style == ColumnStyle::kMonth) return true;
  return view.is_time() && cells.size() > 1 && std::ranges::all_of(cells, [](const Cell& cell) {
           const auto day = cell ? ReadDay(*cell) : std::nullopt;
           return day && day->day == 1;
         });
}

std::vector<std::string> AxisLabels(const ColumnView& view, const std::vector<Cell>& cells) {
  const bool months = AreMonths(view, cells);
  std::set<int> years;
  for (const Cell& cell : cells) {
    const auto day = cell ? ReadDay(*cell) : std::nullopt;
    if (day) years.insert(day->year);
  }
  std::vector<std::string> labels;
  for (const Cell& cell : cells) {
    const auto day = cell && view.is_time() ? ReadDay(*cell) : std::nullopt;
    if (!day) {
      labels.push_back(view.Write(cell));
      continue;
    }
    std::string label = months ? day->month_text() : fmt::format("{} {}", day->day, day->month_text());
    if (months || years.size() > 1) label += fmt::format(" {}", day->year);
    labels.push_back(label);
  }
  return labels;
}

}  // namespace smelt::serve::reports
