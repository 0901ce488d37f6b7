#include "app/internal/generate_step.h"

#include "base/clock.h"

namespace smelt::app {

Result<generate::GenerateReport> GenerateAsStep(const generate::OlistOptions& options, RunObserver& observer,
                                                std::stop_token stop) {
  StepResult step;
  step.name = "data set";
  step.kind = "generate";
  const double begin = MonotonicSeconds();
  observer.StepStarted(step.name, step.kind);
  const auto progress = [&](std::int64_t rows_done, std::int64_t rows_total) {
    observer.StepProgress(step.name, rows_done, rows_total, "rows");
  };
  auto report = generate::GenerateOlist(options, std::move(stop), progress);
  step.seconds = MonotonicSeconds() - begin;
  if (report) {
    step.rows_out = report->rows();
    step.details = {{"folder", options.out_dir}, {"files", report->files.size()}, {"bytes", report->bytes()}};
  } else {
    step.status = StepStatus::kFailed;
    step.message = report.error().ToString();
  }
  observer.StepFinished(step);
  return report;
}

}  // namespace smelt::app
