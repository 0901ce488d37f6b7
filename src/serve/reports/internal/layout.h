#pragma once

#include <string>
#include <vector>

#include "serve/reports/commentary.h"
#include "serve/reports/report.h"

namespace smelt::serve::reports::internal {

inline constexpr int kColumns = 12;
inline constexpr double kContentWidth = 511;  ///< of an A4 page between its margins, in points
inline constexpr double kGutter = 16;         ///< between tiles
inline constexpr double kUnit = 36;           ///< the height of a row of the grid

/// Tiles side by side.
using TileRow = std::vector<const ReportTile*>;

/// Puts tiles into rows of at most twelve columns, in their order.
std::vector<TileRow> PackRows(const std::vector<ReportTile>& tiles);

/// The width of a tile of so many columns, in points.
double TileWidth(int columns);

/// A part of a line in one style, at its place.
struct Piece {
  std::string text = {};
  double x = 0;
  double width = 0;
  bool bold = false;
  std::string link = {};
};
using Line = std::vector<Piece>;

/// Breaks spans into lines of that width.
std::vector<Line> BreakLines(const std::vector<Span>& spans, double width, double size, bool bold = false);

/// The word for a verdict, with a sign that tells it without colour: "✓ passed".
std::string VerdictLabel(const std::string& verdict);

}  // namespace smelt::serve::reports::internal
