#include "app/internal/schedules.h"

#include <algorithm>
#include <map>
#include <set>

#include "pipeline/definition.h"

namespace smelt::app {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
/// A run is not late before so long after its time: schedulers and machines take a while to start.
constexpr std::int64_t kGraceUs = 300 * kSecond;

/// When a pipeline is due next after a moment; 0: it has no schedule, or none more.
std::int64_t NextDue(const pipeline::Pipeline& pipeline, std::int64_t after_us) {
  if (!pipeline.timetable) return 0;
  const std::int64_t due_us = pipeline.timetable->NextAfter(std::max(after_us, pipeline.start_us - 1)).value_or(0);
  return pipeline.end_us > 0 && due_us >= pipeline.end_us ? 0 : due_us;
}

void ReadSchedule(const pipeline::Pipeline& pipeline, std::int64_t now_us, LastRuns& runs) {
  if (!runs.last_good) return;
  runs.due_us = NextDue(pipeline, runs.last_good->started_us);
  if (runs.due_us == 0) return;
  const bool is_running = runs.last && runs.last->status == state::RunStatus::kRunning;
  const std::int64_t usual_us = runs.last_good->finished_us - runs.last_good->started_us;
  const std::int64_t grace_us = kGraceUs + 2 * std::max<std::int64_t>(usual_us, 0);
  const std::int64_t late_us = now_us - runs.due_us;
  if (!is_running && late_us > grace_us) runs.late_us = late_us;
}

}  // namespace

Result<std::vector<LastRuns>> ReadLastRuns(state::RunStore& runs, const std::optional<ProjectConfig>& project,
                                           std::int64_t now_us) {
  std::map<std::string, LastRuns> by_name;
  SMELT_ASSIGN(const std::vector<state::RunRecord> newest, runs.NewestOfEach());
  for (const state::RunRecord& run : newest) {
    LastRuns& one = by_name[run.pipeline];
    if (!one.last && run.status != state::RunStatus::kQueued) one.last = run;
    if (!one.last_ended && state::HasEnded(run.status)) one.last_ended = run;
    if (!one.last_good && run.status == state::RunStatus::kSucceeded) one.last_good = run;
  }
  if (project) {
    if (const auto pipelines = pipeline::LoadPipelines(project->pipelines)) {
      for (const pipeline::Pipeline& pipeline : *pipelines) ReadSchedule(pipeline, now_us, by_name[pipeline.name]);
    }
  }
  std::vector<LastRuns> found;
  for (auto& [name, one] : by_name) {
    one.pipeline = name;
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace smelt::app
