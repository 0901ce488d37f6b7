#include "app/internal/generate_step.h"

#include <functional>

#include "base/clock.h"

namespace smelt::app {
namespace {

Result<generate::GenerateReport> ReportGenerateStep(
    const std::string& out_dir, RunObserver& observer,
    const std::function<Result<generate::GenerateReport>(generate::GenerateProgress)>& generate) {
  StepResult step;
  step.name = "data set";
  step.kind = "generate";
  const double begin = MonotonicSeconds();
  observer.StepStarted(step.name, step.kind);
  auto report = generate([&](std::int64_t rows_done, std::int64_t rows_total) {
    observer.StepProgress(step.name, rows_done, rows_total, "rows");
  });
  step.seconds = MonotonicSeconds() - begin;
  if (report) {
    step.rows_out = report->rows();
    step.details = {{"folder", out_dir}, {"files", report->files.size()}, {"bytes", report->bytes()}};
  } else {
    step.status = StepStatus::kFailed;
    step.message = report.error().ToString();
  }
  observer.StepFinished(step);
  return report;
}

}  // namespace

Result<generate::GenerateReport> GenerateAsStep(const generate::OlistOptions& options, RunObserver& observer,
                                                std::stop_token stop) {
  return ReportGenerateStep(options.out_dir, observer, [&](generate::GenerateProgress progress) {
    return generate::GenerateOlist(options, stop, std::move(progress));
  });
}

Result<generate::GenerateReport> GenerateAsStep(const generate::DataSetOptions& options, RunObserver& observer,
                                                std::stop_token stop) {
  return ReportGenerateStep(options.out_dir, observer, [&](generate::GenerateProgress progress) {
    return generate::GenerateDataSet(options, stop, std::move(progress));
  });
}

}  // namespace smelt::app
