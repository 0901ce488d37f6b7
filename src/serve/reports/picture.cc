#include "serve/reports/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/config.h"
#include "serve/reports/internal/pivot.h"

namespace smelt::serve::reports {
namespace {

using engine::Cell;
using internal::Pivot;

/// Reads what a tile says of its columns.
class Encoding {
 public:
  Encoding(const Tile& tile, const TileRows& rows) : tile_(tile), rows_(rows) {}

  bool Has(std::string_view key) const { return tile_.drawing.contains(key); }

  /// The place of the column that `key` names, of several the first.
  Result<std::size_t> Column(std::string_view key) const {
    const Json& name = tile_.drawing.at(std::string(key));
    return Place(key, (name.is_array() ? name.at(0) : name).get<std::string>());
  }

  Result<std::vector<std::size_t>> Columns(std::string_view key) const {
    std::vector<std::size_t> places;
    const Json& names = tile_.drawing.at(std::string(key));
    if (names.is_string()) {
      SMELT_ASSIGN(const std::size_t place, Column(key));
      return std::vector<std::size_t>{place};
    }
    for (const Json& name : names) {
      SMELT_ASSIGN(const std::size_t place, Place(key, name.get<std::string>()));
      places.push_back(place);
    }
    return places;
  }

  ColumnView View(std::size_t place) const { return ViewOf(rows_.columns[place], tile_.drawing); }
  const Cell& At(std::size_t row, std::size_t place) const { return rows_.rows[row][place]; }
  const TileRows& rows() const { return rows_; }
  const Tile& tile() const { return tile_; }

 private:
  Result<std::size_t> Place(std::string_view key, const std::string& name) const {
    if (const auto place = rows_.Find(name)) return *place;
    std::vector<std::string_view> known;
    for (const auto& column : rows_.columns) known.push_back(column.name);
    const std::string nearest = NearestWord(name, known);
    Error error(ErrorCode::kConfigValueInvalid,
                fmt::format("tile '{}' draws '{}' as {}, which its answer does not have", tile_.name, name, key));
    std::string hint = nearest.empty() ? "name a column of the SELECT" : fmt::format("did you mean '{}'?", nearest);
    return Fail(std::move(error).Hint(std::move(hint)).At(tile_.file, tile_.line));
  }

  const Tile& tile_;
  const TileRows& rows_;
};

WrittenTable Write(const Tile& tile, const TileRows& rows, std::size_t rows_max) {
  WrittenTable table;
  std::vector<std::pair<std::size_t, ColumnView>> shown;
  for (std::size_t place = 0; place < rows.columns.size(); ++place) {
    ColumnView view = ViewOf(rows.columns[place], tile.drawing);
    if (view.hidden) continue;
    table.columns.push_back(
        {view.unit.empty() ? view.label : fmt::format("{} ({})", view.label, view.unit), view.is_number()});
    shown.emplace_back(place, std::move(view));
  }
  const std::size_t count = std::min(rows.rows.size(), rows_max);
  for (std::size_t row = 0; row < count; ++row) {
    auto& written = table.rows.emplace_back();
    for (const auto& [place, view] : shown) written.push_back(view.Write(rows.rows[row][place]));
  }
  table.left_out = rows.rows.size() - count;
  return table;
}

Result<Picture> MakeBigNumber(const Encoding& encoding) {
  SMELT_ASSIGN(const std::size_t value, encoding.Column("value"));
  const auto& rows = encoding.rows().rows;
  const ColumnView view = encoding.View(value);
  chart::BigNumber number{.figure = "n/a", .unit = view.unit};
  if (rows.empty()) return Picture{.chart = number, .summary = encoding.tile().title + ": no rows."};
  const std::size_t last = rows.size() - 1;
  number.figure = view.Write(encoding.At(last, value));
  // The figure in full belongs to the table; a large one is easier to take in when it is short.
  const auto figure = NumberOf(encoding.At(last, value));
  const bool is_long = view.number.kind != chart::NumberKind::kPercent && figure && std::abs(*figure) >= 1e7;
  if (is_long) number.figure = chart::FormatShort(*figure, view.number);
  number.against = "vs. the period before";
  if (encoding.Has("compare")) {
    SMELT_ASSIGN(const std::size_t compare, encoding.Column("compare"));
    const auto columns = encoding.tile().drawing.value("columns", Json::object());
    const auto named = columns.find(encoding.rows().columns[compare].name);
    if (named != columns.end() && named->contains("label")) number.against = "vs. " + encoding.View(compare).label;
  } else if (last > 0 && encoding.Has("x")) {
    SMELT_ASSIGN(const std::size_t x, encoding.Column("x"));
    number.against = "vs. " + encoding.View(x).Write(encoding.At(last - 1, x));
  }
  if (const auto change = BigNumberChange(encoding.tile(), encoding.rows())) {
    number.change = change->text;
    number.direction = change->direction;
    if (view.good_up && change->direction != 0) {
      number.verdict = (change->direction > 0) == *view.good_up ? chart::Verdict::kGood : chart::Verdict::kBad;
    }
  }
  for (std::size_t row = 0; encoding.Has("x") && row <= last; ++row) {
    number.history.push_back(NumberOf(encoding.At(row, value)));
  }
  std::string summary =
      fmt::format("{}: {}{}", encoding.tile().title, number.figure, number.unit.empty() ? "" : " " + number.unit);
  if (!number.change.empty()) summary += fmt::format(", {} {}", number.change, number.against);
  return Picture{.chart = number, .summary = summary + "."};
}

/// The lowest, highest and last value of the first series, for readers who do not see the chart.
std::string DescribeSeries(std::string_view kind, const Pivot& pivot) {
  std::string text =
      fmt::format("{} of {} {}", kind, pivot.labels.size(), pivot.labels.size() == 1 ? "value" : "values");
  if (pivot.labels.empty() || pivot.series.empty()) return text + ".";
  for (const chart::Series& series : pivot.series) {
    std::optional<std::size_t> low, high;
    for (std::size_t at = 0; at < series.values.size(); ++at) {
      if (!series.values[at]) continue;
      if (!low || *series.values[at] < *series.values[*low]) low = at;
      if (!high || *series.values[at] > *series.values[*high]) high = at;
    }
    if (!low) continue;
    text += fmt::format("; {}: lowest {} ({}), highest {} ({})", series.name,
                        chart::FormatNumber(*series.values[*low], pivot.format), pivot.labels[*low],
                        chart::FormatNumber(*series.values[*high], pivot.format), pivot.labels[*high]);
  }
  return text + ".";
}

Result<Pivot> MakePivot(const Encoding& encoding) {
  SMELT_ASSIGN(const std::size_t x, encoding.Column("x"));
  SMELT_ASSIGN(const auto y, encoding.Columns("y"));
  std::optional<std::size_t> series, previous;
  if (encoding.Has("series")) {
    SMELT_ASSIGN(series, encoding.Column("series"));
  }
  if (encoding.Has("previous")) {
    SMELT_ASSIGN(previous, encoding.Column("previous"));
  }
  const bool adds_up = encoding.tile().type == TileType::kStacked;
  return internal::PivotRows(encoding.rows(), encoding.tile().drawing,
                             {.x = x, .y = y, .series = series, .previous = previous, .adds_up = adds_up});
}

Result<Picture> MakeLines(const Encoding& encoding) {
  SMELT_ASSIGN(Pivot pivot, MakePivot(encoding));
  std::string summary = DescribeSeries("Line chart", pivot);
  return Picture{.chart = chart::LineChart{.at_us = std::move(pivot.at_us),
                                           .labels = std::move(pivot.labels),
                                           .lines = std::move(pivot.series),
                                           .previous = std::move(pivot.previous),
                                           .area = encoding.tile().type == TileType::kArea,
                                           .format = pivot.format},
                 .summary = std::move(summary)};
}

Result<Picture> MakeBars(const Encoding& encoding) {
  SMELT_ASSIGN(Pivot pivot, MakePivot(encoding));
  std::string summary = DescribeSeries("Bar chart", pivot);
  const Json& drawing = encoding.tile().drawing;
  const bool stacked = encoding.tile().type == TileType::kStacked;
  return Picture{.chart = chart::BarChart{.labels = std::move(pivot.labels),
                                          .series = std::move(pivot.series),
                                          .previous = std::move(pivot.previous),
                                          .layout = !stacked                          ? chart::BarLayout::kBeside
                                                    : drawing.value("percent", false) ? chart::BarLayout::kShares
                                                                                      : chart::BarLayout::kStacked,
                                          .horizontal = drawing.value("orientation", "vertical") == "horizontal",
                                          .format = pivot.format},
                 .summary = std::move(summary)};
}

Result<Picture> MakeGrid(const Encoding& encoding) {
  SMELT_ASSIGN(const std::size_t x, encoding.Column("x"));
  SMELT_ASSIGN(const std::size_t y, encoding.Column("y"));
  SMELT_ASSIGN(const std::size_t value, encoding.Column("value"));
  chart::HeatMap map = internal::GridRows(encoding.rows(), encoding.tile().drawing, x, y, value);
  map.is_cohort = encoding.tile().type == TileType::kCohort;
  if (map.is_cohort && map.format.kind == chart::NumberKind::kNumber) map.format.kind = chart::NumberKind::kPercent;
  std::string summary = fmt::format("{} of {} rows and {} columns.", map.is_cohort ? "Cohort grid" : "Heat map",
                                    map.rows.size(), map.columns.size());
  return Picture{.chart = std::move(map), .summary = std::move(summary)};
}

Result<Picture> MakeShares(const Encoding& encoding) {
  SMELT_ASSIGN(const std::size_t label, encoding.Column(encoding.tile().type == TileType::kMap ? "region" : "label"));
  SMELT_ASSIGN(const std::size_t value, encoding.Column("value"));
  const ColumnView view = encoding.View(value), names = encoding.View(label);
  std::vector<chart::Part> parts;
  for (std::size_t row = 0; row < encoding.rows().rows.size(); ++row) {
    const auto number = NumberOf(encoding.At(row, value));
    if (number) parts.push_back({names.Write(encoding.At(row, label)), *number});
  }
  std::string summary = fmt::format("{} parts", parts.size());
  const auto largest = std::ranges::max_element(parts, {}, &chart::Part::value);
  if (largest != parts.end()) {
    summary += fmt::format(", the largest {} with {}", largest->name, chart::FormatNumber(largest->value, view.number));
  }
  Picture picture{.summary = summary + "."};
  switch (encoding.tile().type) {
    case TileType::kFunnel: picture.chart = chart::FunnelChart{std::move(parts), view.number}; break;
    case TileType::kPie: picture.chart = chart::PieChart{std::move(parts), view.number}; break;
    default: picture.chart = chart::StateMap{std::move(parts), view.number}; break;
  }
  return picture;
}

Result<Picture> MakeChart(const Encoding& encoding) {
  switch (encoding.tile().type) {
    case TileType::kBigNumber: return MakeBigNumber(encoding);
    case TileType::kLine:
    case TileType::kArea: return MakeLines(encoding);
    case TileType::kBar:
    case TileType::kStacked: return MakeBars(encoding);
    case TileType::kHeatmap:
    case TileType::kCohort: return MakeGrid(encoding);
    case TileType::kFunnel:
    case TileType::kPie:
    case TileType::kMap: return MakeShares(encoding);
    case TileType::kTable:
    case TileType::kText: break;
  }
  return Picture{.summary = fmt::format("Table of {} rows.", encoding.rows().rows.size())};
}

}  // namespace

std::optional<std::size_t> TileRows::Find(std::string_view name) const {
  const auto found = std::ranges::find(columns, name, &engine::ResultColumn::name);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

std::optional<Change> ChangeOf(std::optional<double> now, std::optional<double> before, const ColumnView& view) {
  if (!now || !before || !std::isfinite(*now) || !std::isfinite(*before)) return std::nullopt;
  Change change;
  if (view.number.kind == chart::NumberKind::kPercent) {
    change.text = chart::FormatChange((*now - *before) * 100, {.decimals = 1}) + " pp";
  } else if (*before != 0) {
    change.text = chart::FormatChange((*now - *before) / std::abs(*before), {.kind = chart::NumberKind::kPercent});
  } else {
    return std::nullopt;
  }
  if (change.text.starts_with('+')) change.direction = 1;
  if (change.text.starts_with('-')) change.direction = -1;
  return change;
}

std::optional<Change> BigNumberChange(const Tile& tile, const TileRows& rows) {
  const auto value = rows.Find(tile.drawing.value("value", ""));
  if (!value || rows.rows.empty()) return std::nullopt;
  const ColumnView view = ViewOf(rows.columns[*value], tile.drawing);
  const std::size_t last = rows.rows.size() - 1;
  const auto now = NumberOf(rows.rows[last][*value]);
  if (const auto compare = rows.Find(tile.drawing.value("compare", ""))) {
    return ChangeOf(now, NumberOf(rows.rows[last][*compare]), view);
  }
  if (last == 0) return std::nullopt;
  return ChangeOf(now, NumberOf(rows.rows[last - 1][*value]), view);
}

Result<Picture> MakePicture(const Tile& tile, const TileRows& rows) {
  constexpr std::size_t kRowsMax = 100;
  SMELT_ASSIGN(Picture picture, MakeChart(Encoding(tile, rows)));
  const bool is_table = tile.type == TileType::kTable;
  picture.table = Write(tile, rows, is_table ? tile.drawing.value("page_size", kRowsMax) : kRowsMax);
  return picture;
}

void DrawChart(const Picture& picture, const chart::Box& box, chart::Canvas& canvas) {
  std::visit(
      [&](const auto& drawn) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(drawn)>, std::monostate>) chart::Draw(drawn, box, canvas);
      },
      picture.chart);
}

}  // namespace smelt::serve::reports
