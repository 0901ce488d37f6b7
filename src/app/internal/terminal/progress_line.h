#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/internal/terminal/terminal.h"
#include "base/progress.h"
#include "state/records.h"

namespace smelt::app {

/// How lines are to look.
struct Look {
  int width = 80;
  bool color = false;
  bool unicode = true;
};

/// Rows in, rows out, rows quarantined; -1 where one does not apply.
using RowCounts = std::array<std::int64_t, 3>;
inline constexpr RowCounts kNoCounts = {-1, -1, -1};

/// One line of a run's table: a task or step with its state and whatever of the rest is known.
struct ProgressLine {
  state::TaskStatus status = state::TaskStatus::kRunning;
  bool waiting = false;  ///< not begun yet, or pausing before another attempt
  int indent = 0;
  int frame = 0;  ///< of the spinner of a running line
  std::string name{};
  std::size_t prefix = 0;  ///< so much of the name may be left out on narrow screens: the schema that the task names
  RowCounts counts = kNoCounts;
  std::string note{};        ///< instead of counts: a bar, "9 files, 126.9 MB", why it waits or was skipped
  std::string short_note{};  ///< shown where the note does not fit; empty: the note without its middle
  std::string time{};
  std::vector<std::string> verdicts{};  ///< the same in several lengths: the first that fits is shown
};

/// Draws a line: sign and name at the left, then the columns of DrawHeader, which go one by one as the screen gets
/// narrow. Lines of one width always line up, and are shorter than `look.width`.
std::string DrawLine(const ProgressLine& line, const Look& look);

/// The titles of the columns.
std::string DrawHeader(const Look& look);

/// Whether lines of this width have a column for quarantined rows.
bool ShowsQuarantined(const Look& look);

/// Draws a message under a line, wrapped and indented: an error with its hint, a verdict.
std::vector<std::string> DrawMessage(std::string_view message, int indent, Tone tone, const Look& look);

/// How far a running step is: a bar with the share done when the total is known, else the rows so far.
std::string DrawShare(std::int64_t done, std::int64_t total, std::string_view unit, bool unicode);
/// The same without the bar: "42 %".
std::string DrawShare(std::int64_t done, std::int64_t total, std::string_view unit);

/// The state of a finished step as that of a task.
state::TaskStatus StatusOf(StepStatus status);

}  // namespace smelt::app
