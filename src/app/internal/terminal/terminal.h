#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace smelt::app {

/// Columns and rows of a screen.
struct ScreenSize {
  int columns = 80;
  int rows = 24;
};

/// What may be written to an output.
struct Terminal {
  bool interactive = false;  ///< a terminal whose lines can be redrawn; else a file or pipe
  bool color = false;
  bool unicode = true;
  ScreenSize size;  ///< of a file or pipe: 120 columns
};

/// Looks at an open file: whether it is a terminal, its size now, and the user's wishes in NO_COLOR, TERM, LC_ALL,
/// LC_CTYPE and LANG.
Terminal DescribeTerminal(int descriptor);

/// The width of a terminal in columns; 0 when `descriptor` is none: unlimited.
int TerminalWidth(int descriptor);

/// The present size of the screen behind `descriptor`; the default when it has none.
ScreenSize ReadScreenSize(int descriptor);

/// The roles that text plays; each has one look everywhere.
enum class Tone { kPlain, kStrong, kDim, kGood, kWarn, kBad, kAccent, kBronze, kSilver, kGold };

/// Wraps `text` in the look of a role; leaves it alone without colour.
std::string Paint(std::string_view text, Tone tone, bool color);

/// The metal of a layer if `name` belongs to one ("bronze", "silver.orders", "orders_gold"), else kPlain.
Tone LayerTone(std::string_view name);

}  // namespace smelt::app
