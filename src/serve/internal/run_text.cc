#include "serve/internal/run_text.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/clock.h"

namespace smelt::serve::internal {
namespace {

Json TasksOf(const std::vector<state::TaskRecord>& records) {
  Json tasks = Json::array();
  for (const state::TaskRecord& record : records) {
    Json task = {{"name", record.name},
                 {"type", record.type},
                 {"attempt", record.attempt},
                 {"status", state::TaskStatusText(record.status)}};
    if (record.started_us > 0) task["started_at"] = FormatUtcMicros(record.started_us);
    if (record.finished_us > 0) task["finished_at"] = FormatUtcMicros(record.finished_us);
    if (!record.error.empty()) task["error"] = record.error;
    tasks.push_back(std::move(task));
  }
  return tasks;
}

}  // namespace

std::string RunAddress(std::string_view pipeline, std::string_view run_id) {
  return fmt::format("/api/v1/pipelines/{}/runs/{}", pipeline, run_id);
}

Json RunJson(const state::RunRecord& run) {
  const bool waits = run.status == state::RunStatus::kQueued;
  Json object = {{"run_id", run.id},
                 {"pipeline", run.pipeline},
                 {"status", state::RunStatusText(run.status)},
                 {"triggered_by", run.triggered_by}};
  object[waits ? "queued_at" : "started_at"] = FormatUtcMicros(run.started_us);
  if (run.finished_us > 0) object["finished_at"] = FormatUtcMicros(run.finished_us);
  if (run.scheduled_us > 0) object["scheduled_at"] = FormatUtcMicros(run.scheduled_us);
  if (!run.resumed_from.empty()) object["resumed_from"] = run.resumed_from;
  if (!run.error.empty()) object["error"] = run.error;
  return object;
}

Result<Json> StandingOf(state::ScheduleStore& store, const state::RunRecord& run) {
  Json object = RunJson(run);
  object["parameters"] = run.parameters;
  SMELT_ASSIGN(const auto call, store.FindCall(run.id));
  if (call && !call->note.empty()) object["note"] = call->note;
  if (call) object["caller"] = call->caller;
  SMELT_ASSIGN(const auto cancelled_by, store.FindCancellation(run.id));
  if (cancelled_by) object["cancelled_by"] = *cancelled_by;
  SMELT_ASSIGN(const auto successor, store.FindSuccessor(run.id));
  if (successor) object["continued_by"] = RunAddress(run.pipeline, successor->id);
  SMELT_ASSIGN(const auto tasks, store.runs().Tasks(run.id));
  object["tasks"] = TasksOf(tasks);
  return object;
}

}  // namespace smelt::serve::internal
