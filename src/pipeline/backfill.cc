#include "pipeline/backfill.h"

#include <fmt/format.h>

#include <utility>

#include "base/clock.h"
#include "base/id.h"
#include "pipeline/params.h"

namespace smelt::pipeline {
namespace {

/// The instants of a timetable from `from_us` up to and without `to_us`.
Result<std::vector<std::int64_t>> Instants(const Pipeline& pipeline, std::int64_t from_us, std::int64_t to_us) {
  constexpr std::size_t kMost = 100'000;
  std::vector<std::int64_t> instants;
  auto next = pipeline.timetable->NextAfter(from_us - 1);
  while (next && *next < to_us) {
    if (instants.size() == kMost) {
      return Fail(Error(ErrorCode::kUsage, fmt::format("the backfill has more than {} runs", kMost))
                      .Hint("choose a shorter stretch of time"));
    }
    instants.push_back(*next);
    next = pipeline.timetable->NextAfter(*next);
  }
  return instants;
}

/// The last run of each instant so far.
Result<std::map<std::int64_t, state::RunRecord>> RunsByInstant(state::RunStore& runs, const std::string& name) {
  constexpr std::int64_t kAll = -1;
  std::map<std::int64_t, state::RunRecord> known;
  SMELT_ASSIGN(auto records, runs.ListRuns({.pipeline = name, .limit = kAll}));
  for (state::RunRecord& run : records) {
    if (run.scheduled_us > 0) known.emplace(run.scheduled_us, std::move(run));  // the newest comes first
  }
  return known;
}

bool IsSettled(state::RunStatus status) {
  return status == state::RunStatus::kSucceeded || status == state::RunStatus::kQueued ||
         status == state::RunStatus::kRunning;
}

}  // namespace

Result<Backfill> PlanBackfill(const Pipeline& pipeline, state::RunStore& runs, const BackfillRequest& request) {
  if (!pipeline.timetable) {
    return Fail(
        Error(ErrorCode::kUsage, fmt::format("the pipeline '{}' has no schedule to fill up", pipeline.name))
            .Hint(fmt::format("give it 'schedule' or 'every' in {}, or use `smelt pipeline run`", pipeline.file)));
  }
  if (request.to_us <= request.from_us) return Fail(ErrorCode::kUsage, "the end does not come after the beginning");
  SMELT_TRY(BindParams(pipeline.params, request.parameters));
  Backfill backfill;
  SMELT_ASSIGN(backfill.instants, Instants(pipeline, request.from_us, request.to_us));
  SMELT_ASSIGN(backfill.so_far, RunsByInstant(runs, pipeline.name));
  if (!request.all) {
    std::erase_if(backfill.instants, [&](std::int64_t at) {
      const auto run = backfill.so_far.find(at);
      return run != backfill.so_far.end() && IsSettled(run->second.status);
    });
  }
  return backfill;
}

Result<std::int64_t> QueueBackfill(const Pipeline& pipeline, const std::string& project, state::ScheduleStore& store,
                                   const BackfillRequest& request, const Backfill& backfill) {
  state::RunRecord model;
  model.pipeline = pipeline.name;
  model.project = project;
  model.triggered_by = "backfill";
  model.started_us = NowMicros();
  model.parameters = request.parameters;
  SMELT_ASSIGN(model.definition, store.SaveDefinition(pipeline.name, pipeline.file, pipeline.content));
  std::vector<state::QueueEntry> entries;
  for (const std::int64_t at : backfill.instants) {
    state::RunRecord run = model;
    run.id = NewRunId();
    run.scheduled_us = at;
    const auto earlier = backfill.so_far.find(at);
    if (request.as_then && earlier != backfill.so_far.end() && !earlier->second.definition.empty()) {
      run.definition = earlier->second.definition;
    }
    entries.push_back({.run = std::move(run)});
  }
  return store.EnqueueAll(entries);
}

}  // namespace smelt::pipeline
