#pragma once

#include <string>
#include <vector>

#include "app/internal/terminal/terminal.h"
#include "base/progress.h"
#include "pipeline/report.h"

namespace smelt::app {

/// The report of a run for people: every task and step with rows in, rows out, rows quarantined, time and verdict,
/// then the outcome in a sentence, with the error and its hint when there is one.
std::string RenderReport(const pipeline::RunReport& report, const Terminal& terminal);

/// The same for steps without tasks, as single commands run them.
std::string RenderSteps(const std::vector<StepResult>& steps, double seconds, const Terminal& terminal);

/// The commands to try next, one per line, under "Next:". The last thing that a command prints.
std::string RenderNext(const std::vector<std::string>& commands, const Terminal& terminal);

}  // namespace smelt::app
