#include "app/internal/dbt/run_summary.h"

#include <fmt/format.h>

#include "app/internal/terminal/folded_steps.h"

namespace smelt::app {

NodeCounts CountStates(const std::vector<StepResult>& steps) {
  NodeCounts counts;
  for (const StepResult& step : steps) {
    switch (step.status) {
      case StepStatus::kDone:
      case StepStatus::kNothing: ++(IsDescribedStep(step) ? counts.noop : counts.pass); break;
      case StepStatus::kWarned: ++counts.warn; break;
      case StepStatus::kFailed: ++counts.error; break;
      case StepStatus::kSkipped: ++counts.skip; break;
    }
  }
  return counts;
}

std::string SummaryLine(const NodeCounts& counts) {
  return fmt::format("Done. PASS={} WARN={} ERROR={} SKIP={} NO-OP={} TOTAL={}", counts.pass, counts.warn, counts.error,
                     counts.skip, counts.noop, counts.total());
}

}  // namespace smelt::app
