#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "chart/bar_chart.h"
#include "chart/big_number.h"
#include "chart/heat_map.h"
#include "chart/line_chart.h"
#include "chart/share_charts.h"
#include "chart/state_map.h"
#include "engine/session.h"
#include "serve/dashboards/definition.h"
#include "serve/reports/column_view.h"

namespace smelt::serve::reports {

/// The answer of a tile.
struct TileRows {
  std::vector<engine::ResultColumn> columns = {};
  std::vector<std::vector<engine::Cell>> rows = {};
  bool truncated = false;  ///< there were more

  /// The place of a column; nothing when the answer has none of that name.
  std::optional<std::size_t> Find(std::string_view name) const;
};

/// Rows as they are read: every value written, without hidden columns.
struct WrittenTable {
  struct Column {
    std::string label = {};
    bool is_number = false;  ///< aligned to the right
  };
  std::vector<Column> columns = {};
  std::vector<std::vector<std::string>> rows = {};
  std::size_t left_out = 0;  ///< rows beyond these
};

/// What a tile looks like on paper, whatever the paper.
struct Picture {
  using Chart = std::variant<std::monostate, chart::BigNumber, chart::LineChart, chart::BarChart, chart::HeatMap,
                             chart::FunnelChart, chart::PieChart, chart::StateMap>;
  Chart chart = {};          ///< nothing: the table itself is the picture
  std::string summary = {};  ///< what a reader who does not see it is told
  WrittenTable table = {};   ///< all that it is drawn from
};

/// The picture of a tile that is no text.
/// Errors: kConfigValueInvalid when the tile names a column that the answer does not have, with file, line and the
/// nearest that it has.
Result<Picture> MakePicture(const Tile& tile, const TileRows& rows);

/// Draws the chart of a picture; a table is left to the layout.
void DrawChart(const Picture& picture, const chart::Box& box, chart::Canvas& canvas);

/// The change of a figure against another, as big numbers show it: of shares in points, else relative. Nothing without
/// both, or against zero.
struct Change {
  std::string text = {};  ///< "+12.3%", "-0.4 pp"
  int direction = 0;      ///< 1 up, -1 down, 0 neither
};
std::optional<Change> ChangeOf(std::optional<double> now, std::optional<double> before, const ColumnView& view);

/// The change that a big number shows: against its `compare`, else against the row before.
std::optional<Change> BigNumberChange(const Tile& tile, const TileRows& rows);

}  // namespace smelt::serve::reports
