#pragma once

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
  bool words = false;  ///< the state as a word ("done") instead of a sign, for files and pipes
};

/// What a line says of a task or step: its state, and whatever of the rest is known.
struct ProgressLine {
  state::TaskStatus status = state::TaskStatus::kRunning;
  bool waiting = false;  ///< not begun yet, or pausing before another attempt
  int indent = 0;
  int frame = 0;  ///< of the spinner of a running line
  std::string name{};
  std::string amount{};  ///< "99,441 rows", "42 %", "up to date"
  std::string rate{};
  std::string time{};
};

/// Draws a line: sign and name at the left, amount, rate and time in columns at the right, which go one by one as the
/// screen gets narrow. Always shorter than `look.width`.
std::string DrawLine(const ProgressLine& line, const Look& look);

/// Draws a message under a line, wrapped and indented: an error with its hint, a verdict.
std::vector<std::string> DrawMessage(std::string_view message, int indent, Tone tone, const Look& look);

/// The text of the amount column for a finished step.
std::string AmountOf(const StepResult& step);
/// The text of the amount column for a running step: a bar with the share done when the total is known.
std::string AmountOf(std::int64_t done, std::int64_t total, std::string_view unit, bool unicode);

/// The state of a finished step as that of a task.
state::TaskStatus StatusOf(StepStatus status);

}  // namespace smelt::app
