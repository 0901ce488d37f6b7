#include "base/clock.h"
#include "state/internal/database.h"
#include "state/schedule_store.h"

namespace smelt::state {
namespace {

using internal::Row;

}  // namespace

/// What became of a call that was made before under the same key.
Result<std::optional<CallOutcome>> ScheduleStore::FormerCall(std::string_view pipeline, const Call& call) {
  std::optional<CallOutcome> former;
  if (call.idempotency_key.empty()) return former;
  SMELT_TRY(runs_.database_->Select(
      "SELECT run_id, digest FROM calls WHERE pipeline = ? AND idempotency_key = ?", {pipeline, call.idempotency_key},
      [&](const Row& row) -> Status {
        const bool same = row.Text(1) == call.digest;
        former = CallOutcome{same ? CallOutcome::Kind::kRepeated : CallOutcome::Kind::kDifferent, row.Text(0)};
        return {};
      }));
  return former;
}

/// A run that waits, and will do for a call that may join others.
Result<std::optional<CallOutcome>> ScheduleStore::JoinedCall(std::string_view pipeline, const Call& call) {
  std::optional<CallOutcome> joined;
  if (!call.may_join) return joined;
  SMELT_TRY(
      runs_.database_->Select("SELECT runs.id FROM runs JOIN calls ON calls.run_id = runs.id "
                              "WHERE runs.pipeline = ? AND status = 'queued' AND digest = ? LIMIT 1",
                              {pipeline, call.digest}, [&](const Row& row) -> Status {
                                joined = CallOutcome{CallOutcome::Kind::kJoined, row.Text(0)};
                                return {};
                              }));
  return joined;
}

Result<CallOutcome> ScheduleStore::EnqueueCall(const QueueEntry& entry, const Call& call, std::int64_t waiting_max) {
  CallOutcome outcome{.kind = CallOutcome::Kind::kQueued, .run_id = entry.run.id};
  const std::string& pipeline = entry.run.pipeline;
  SMELT_TRY(runs_.Together([&]() -> Status {
    SMELT_ASSIGN(auto former, FormerCall(pipeline, call));
    if (!former) {
      SMELT_ASSIGN(former, JoinedCall(pipeline, call));
    }
    if (former) {
      outcome = *former;
      return {};
    }
    std::int64_t waiting = 0;
    SMELT_TRY(runs_.database_->Select(
        "SELECT count(*) FROM runs JOIN calls ON calls.run_id = runs.id WHERE runs.pipeline = ? AND status = 'queued'",
        {pipeline}, [&](const Row& row) -> Status {
          waiting = row.Int(0);
          return {};
        }));
    if (waiting >= waiting_max) {
      outcome = {.kind = CallOutcome::Kind::kFull};
      return {};
    }
    SMELT_TRY(Record(entry));
    SMELT_TRY(runs_.database_->Run(
        "INSERT INTO calls (run_id, pipeline, idempotency_key, digest, caller, note, at_us) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        {entry.run.id, pipeline, call.idempotency_key, call.digest, call.caller, call.note, NowMicros()}));
    return {};
  }));
  if (outcome.kind == CallOutcome::Kind::kQueued) runs_.Signal();
  return outcome;
}

Result<std::optional<Call>> ScheduleStore::FindCall(std::string_view run_id) {
  std::optional<Call> call;
  SMELT_TRY(runs_.database_->Select("SELECT idempotency_key, digest, caller, note FROM calls WHERE run_id = ?",
                                    {run_id}, [&](const Row& row) -> Status {
                                      call = Call{row.Text(0), row.Text(1), row.Text(2), row.Text(3)};
                                      return {};
                                    }));
  return call;
}

Result<std::optional<RunRecord>> ScheduleStore::FindSuccessor(std::string_view run_id) {
  if (run_id.empty()) return std::nullopt;
  SMELT_ASSIGN(std::vector<RunRecord> runs, runs_.SelectRuns("resumed_from = ?1 AND resumed_from <> ''", run_id, 1));
  if (runs.empty()) return std::nullopt;
  return std::move(runs.front());
}

}  // namespace smelt::state
