#include "pipeline/internal/journal.h"

#include <utility>

#include "base/clock.h"
#include "base/log.h"

namespace smelt::pipeline::internal {
namespace {

using state::TaskRecord;
using state::TaskStatus;

/// The one-line reason that the store keeps.
std::string ReasonOf(const TaskReport& report) {
  return report.error ? report.error->ToString() : report.skipped_because;
}

/// A count as the log shows it: null where it does not apply.
Json Count(std::int64_t count) {
  return count < 0 ? Json() : Json(count);
}

LogLevel LevelOf(TaskStatus status) {
  if (status == TaskStatus::kFailed) return LogLevel::kError;
  const bool good = status == TaskStatus::kDone || status == TaskStatus::kNothing;
  return good ? LogLevel::kInfo : LogLevel::kWarn;
}

}  // namespace

Status Journal::RunStarted(const state::RunRecord& run, const Pipeline& pipeline, const std::function<void()>& reuse) {
  run_id_ = run.id;
  together_ = true;
  const Status recorded = store_.Together([&]() -> Status {
    SMELT_TRY(store_.StartRun(run));
    reuse();
    return {};
  });
  together_ = false;
  const auto announcements = std::exchange(announcements_, {});
  SMELT_TRY(recorded);
  Log(LogLevel::kInfo, "pipeline.run.started",
      {{"run_id", run.id},
       {"pipeline", run.pipeline},
       {"project", run.project},
       {"triggered_by", run.triggered_by},
       {"resumed_from", run.resumed_from}});
  observer_.RunStarted(run.id, pipeline, run.resumed_from);
  for (const auto& announcement : announcements) announcement();
  return {};
}

void Journal::AttemptStarted(const TaskReport& report, const std::string& fingerprint) {
  TaskRecord record;
  record.run_id = run_id_;
  record.name = report.name;
  record.type = report.type;
  record.attempt = report.attempts;
  record.started_us = NowMicros();
  record.fingerprint = fingerprint;
  Note(store_.AddTask(record));
  Announce([this, name = report.name, type = report.type, attempt = report.attempts] {
    Log(LogLevel::kInfo, "pipeline.task.started",
        {{"run_id", run_id_}, {"task", name}, {"type", type}, {"attempt", attempt}});
    observer_.TaskStarted(name, type, attempt);
  });
}

void Journal::AttemptFailed(const TaskReport& report, int next_attempt, std::int64_t delay_ms) {
  Note(store_.FinishTask(RecordOf(report)));
  Announce([this, report, next_attempt, delay_ms] {
    Log(LogLevel::kWarn, "pipeline.task.retrying",
        {{"run_id", run_id_},
         {"task", report.name},
         {"attempt", report.attempts},
         {"seconds", report.seconds},
         {"next_attempt", next_attempt},
         {"delay_ms", delay_ms},
         {"error", ToJson(*report.error)}});
    observer_.TaskRetrying(report.name, next_attempt, delay_ms, *report.error);
  });
}

void Journal::TaskFinished(const TaskReport& report, const std::string& fingerprint) {
  TaskRecord record = RecordOf(report);
  if (report.attempts > 0) {
    Note(store_.FinishTask(record));
  } else {
    record.started_us = record.finished_us;
    record.fingerprint = fingerprint;
    Note(store_.AddTask(record));
  }
  Announce([this, report] {
    Log(LevelOf(report.status), "pipeline.task.finished",
        {{"run_id", run_id_},
         {"task", report.name},
         {"type", report.type},
         {"attempt", report.attempts},
         {"status", state::TaskStatusText(report.status)},
         {"seconds", report.seconds},
         {"rows_in", Count(report.outcome.rows_in)},
         {"rows_out", Count(report.outcome.rows_out)},
         {"rows_quarantined", Count(report.outcome.rows_quarantined)},
         {"commits", report.outcome.commits},
         {"error", report.error ? ToJson(*report.error) : Json()},
         {"skipped_because", report.skipped_because},
         {"reused_from", report.reused_from}});
    observer_.TaskFinished(report);
  });
}

void Journal::Announce(std::function<void()> announcement) {
  if (!together_) return announcement();
  announcements_.push_back(std::move(announcement));
}

void Journal::Together(const std::function<void()>& body) {
  bool began = false;
  together_ = true;
  const Status recorded = store_.Together([&]() -> Status {
    began = true;
    body();
    return {};
  });
  if (!began) body();  // the store cannot be written: the run goes on without
  together_ = false;
  Note(recorded);
  for (const auto& announcement : std::exchange(announcements_, {})) announcement();
}

void Journal::SlaMissed(const SlaMiss& miss) {
  Note(store_.AddSlaMiss({.run_id = run_id_, .task = miss.task, .due_us = miss.due_us, .noticed_us = NowMicros()}));
  Announce([this, miss] {
    Log(LogLevel::kWarn, "pipeline.sla.missed",
        {{"run_id", run_id_}, {"task", miss.task}, {"due_at", FormatUtcMicros(miss.due_us)}});
    observer_.SlaMissed(miss.task, miss.due_us);
  });
}

void Journal::RunFinished(const RunReport& report) {
  Note(store_.FinishRun(run_id_, report.status, report.error ? report.error->ToString() : ""));
  const LogLevel level = report.status == state::RunStatus::kSucceeded ? LogLevel::kInfo : LogLevel::kError;
  Log(level, "pipeline.run.finished",
      {{"run_id", run_id_},
       {"pipeline", report.pipeline},
       {"status", state::RunStatusText(report.status)},
       {"seconds", report.seconds},
       {"nothing_to_do", report.nothing_to_do()},
       {"error", report.error ? ToJson(*report.error) : Json()}});
}

TaskRecord Journal::RecordOf(const TaskReport& report) const {
  TaskRecord record;
  record.run_id = run_id_;
  record.name = report.name;
  record.type = report.type;
  record.attempt = report.attempts;
  record.status = report.status;
  record.finished_us = NowMicros();
  record.outcome = ToJson(report.outcome);
  if (!report.item_of.empty()) record.outcome["item"] = report.item;
  record.error = ReasonOf(report);
  record.reused_from = report.reused_from;
  return record;
}

void Journal::Note(const Status& status) {
  if (!status && !store_error_) store_error_ = status.error();
}

}  // namespace smelt::pipeline::internal
