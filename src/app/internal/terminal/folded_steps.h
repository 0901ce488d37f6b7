#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/internal/terminal/progress_line.h"
#include "base/progress.h"

namespace smelt::app {

/// A step with the tests of its table folded into it.
struct FoldedStep {
  StepResult step;                   ///< its status is the worst of itself and its tests
  std::int64_t tests_held = 0;       ///< tests of the table that hold, those of earlier runs included
  std::vector<StepResult> broken{};  ///< tests that failed or warned
};

/// The steps of a task as people read them: a line per table; what a whole group has in common said once.
struct FoldedSteps {
  std::vector<FoldedStep> rows;
  std::int64_t up_to_date = 0;   ///< steps that found nothing to do
  std::int64_t skipped = 0;      ///< steps that were not run, where there are too many for a row each
  std::string skipped_because;   ///< what the first of them says
  std::int64_t tests_held = 0;   ///< tests that hold
  std::int64_t suites_held = 0;  ///< suites of which every expectation holds
  std::int64_t checks_held = 0;  ///< the expectations in them
  RowCounts counts = kNoCounts;  ///< the sums over the rows
};

/// Whether a step tests something: a data test or a unit test.
bool IsTestStep(const StepResult& step);
/// Whether a step is that of an exposure or saved query, which makes nothing.
bool IsDescribedStep(const StepResult& step);

/// Whether a step failed only because the run was stopped.
bool WasInterrupted(const StepResult& step);

/// Folds finished steps. Whatever failed or warned stays a row of its own or part of one; tests of a table that no step
/// wrote become a row of that table.
FoldedSteps FoldSteps(const std::vector<StepResult>& steps);

/// The lines of a folded step: the line itself, then what went wrong with it and its tests. `task` is the name of the
/// task that it belongs to, or empty.
std::vector<std::string> DrawStep(const FoldedStep& folded, int indent, std::string_view task, const Look& look);

/// The length of what a step's name says about its schema when the task is named like it: 5 of "gold.orders" in "gold".
std::size_t PrefixOf(std::string_view step, std::string_view task);

/// "1 test", "12 tests".
std::string Counted(std::int64_t count, std::string_view noun);

/// Steps per second for a line that runs: "41.2k/s"; empty where a rate would say more about the clock than the work.
std::string RateOf(std::int64_t done, double seconds, std::string_view unit);

}  // namespace smelt::app
