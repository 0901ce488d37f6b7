#include "ingest/inputs.h"

#include "ingest/internal/load_plan.h"

namespace smelt::ingest {

Result<InputReport> CheckInputs(engine::Engine& engine, const IngestOptions& options, std::stop_token stop) {
  SMELT_ASSIGN(const LoadPlan plan, PlanLoad(engine, options, stop));
  InputReport report;
  report.files_unclaimed = plan.files_unclaimed;
  for (const PlannedTable& planned : plan.tables) {
    ++report.tables;
    report.files += static_cast<std::int64_t>(planned.files.size());
    for (const FoundFile& file : planned.files) report.bytes += file.bytes;
  }
  return report;
}

}  // namespace smelt::ingest
