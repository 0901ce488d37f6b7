#include "base/progress.h"

namespace smelt {

std::string_view StepStatusText(StepStatus status) {
  switch (status) {
    case StepStatus::kDone: return "done";
    case StepStatus::kNothing: return "nothing";
    case StepStatus::kWarned: return "warned";
    case StepStatus::kFailed: return "failed";
    case StepStatus::kSkipped: return "skipped";
  }
  return "unknown";
}

}  // namespace smelt
