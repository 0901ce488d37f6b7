#pragma once

#include <string>
#include <vector>

#include "app/internal/prices.h"
#include "app/internal/terminal/terminal.h"
#include "base/progress.h"
#include "pipeline/report.h"

namespace smelt::app {

/// How a run ended, in a sentence, what it did in all, what that took of the machine and which of its models, loads and
/// suites most of it, in money where `prices` are known: the lines below the table that ProgressView has drawn.
std::string RenderOutcome(const pipeline::RunReport& report, const Prices& prices, const Terminal& terminal);

/// The same for steps without tasks, as single commands run them.
std::string RenderOutcome(const std::vector<StepResult>& steps, double seconds, const Terminal& terminal);

/// A figure with its label.
struct Figure {
  std::string label;
  std::string value;
};

/// Draws figures in two columns where they fit, else in one.
std::string RenderFigures(const std::vector<Figure>& figures, const Terminal& terminal);

/// The commands to try next, one per line, under "Next:" and a blank line. The last thing that a command prints.
std::string RenderNext(const std::vector<std::string>& commands, const Terminal& terminal);

}  // namespace smelt::app
