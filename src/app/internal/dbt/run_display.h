#pragma once

#include <functional>
#include <vector>

#include "app/internal/dbt/invocation.h"
#include "base/error.h"
#include "base/progress.h"

namespace smelt::app {

/// What a run did.
struct DoneSteps {
  std::vector<StepResult> steps;
  double seconds = 0;
};

/// Runs `work` with the display that the flags ask for, where also appears what templates print. Errors: those of
/// `work`.
Result<DoneSteps> RunWithDisplay(DbtInvocation& invocation, const std::function<Result<DoneSteps>(RunObserver&)>& work);

/// Whether a summary for people follows a run.
bool ShowsSummary(const DbtInvocation& invocation);

}  // namespace smelt::app
