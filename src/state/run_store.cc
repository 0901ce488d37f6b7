#include "state/run_store.h"

#include <fmt/format.h>

#include <utility>

#include "base/clock.h"
#include "base/json.h"
#include "state/internal/coordination.h"
#include "state/internal/database.h"
#include "state/internal/state_database.h"

namespace smelt::state {
namespace {

using internal::Database;
using internal::Row;

constexpr std::string_view kRunColumns =
    "id, pipeline, project, status, started_us, finished_us, triggered_by, parameters, error, resumed_from, host, pid, "
    "scheduled_us, definition, parent";
constexpr std::string_view kTaskColumns =
    "run_id, name, attempt, type, status, started_us, finished_us, outcome, error, fingerprint, reused_from";

constexpr std::string_view kDiedReason = "its process ended before the run did";

Result<RunRecord> ReadRun(const Row& row) {
  RunRecord run;
  run.id = row.Text(0);
  run.pipeline = row.Text(1);
  run.project = row.Text(2);
  SMELT_ASSIGN(run.status, ParseRunStatus(row.Text(3)));
  run.started_us = row.Int(4);
  run.finished_us = row.Int(5);
  run.triggered_by = row.Text(6);
  SMELT_ASSIGN(run.parameters, ParseJson(row.Text(7), "state database: runs.parameters"));
  run.error = row.Text(8);
  run.resumed_from = row.Text(9);
  run.host = row.Text(10);
  run.pid = row.Int(11);
  run.scheduled_us = row.Int(12);
  run.definition = row.Text(13);
  run.parent = row.Text(14);
  return run;
}

Result<TaskRecord> ReadTask(const Row& row) {
  TaskRecord task;
  task.run_id = row.Text(0);
  task.name = row.Text(1);
  task.attempt = static_cast<int>(row.Int(2));
  task.type = row.Text(3);
  SMELT_ASSIGN(task.status, ParseTaskStatus(row.Text(4)));
  task.started_us = row.Int(5);
  task.finished_us = row.Int(6);
  SMELT_ASSIGN(task.outcome, ParseJson(row.Text(7), "state database: tasks.outcome"));
  task.error = row.Text(8);
  task.fingerprint = row.Text(9);
  task.reused_from = row.Text(10);
  return task;
}

}  // namespace

RunStore::RunStore(StoreAddress address, std::unique_ptr<Database> database)
    : address_(std::move(address)),
      database_(std::move(database)),
      coordination_(internal::MakeCoordination(address_, *database_)) {}
RunStore::~RunStore() = default;

Result<std::unique_ptr<RunStore>> RunStore::Open(const StoreAddress& address, std::int64_t busy_timeout_ms) {
  SMELT_ASSIGN(std::unique_ptr<Database> database, internal::OpenStateDatabase(address, busy_timeout_ms));
  return std::unique_ptr<RunStore>(new RunStore(address, std::move(database)));
}

Result<PipelineLock> RunStore::LockPipeline(std::string_view pipeline, std::string_view run_id) {
  return coordination_->Lock(pipeline, CurrentOwner(std::string(run_id)));
}

void RunStore::Signal() const {
  coordination_->Signal();
}

Result<std::unique_ptr<Signals>> RunStore::Listen() {
  return coordination_->Listen();
}

Status RunStore::Together(const std::function<Status()>& body) {
  return database_->Transaction(body);
}

Status RunStore::StartRun(const RunRecord& run) {
  const std::string sql = fmt::format(
      "INSERT INTO runs ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
      "project = excluded.project, status = excluded.status, started_us = excluded.started_us, "
      "parameters = excluded.parameters, host = excluded.host, pid = excluded.pid WHERE runs.status = 'queued'",
      kRunColumns);
  const std::string parameters = JsonText(run.parameters);
  SMELT_ASSIGN(const std::int64_t changed,
               database_->Run(sql, {run.id, run.pipeline, run.project, RunStatusText(run.status), run.started_us,
                                    run.finished_us, run.triggered_by, parameters, run.error, run.resumed_from,
                                    run.host, run.pid, run.scheduled_us, run.definition, run.parent}));
  if (changed > 0) return {};
  return Fail(ErrorCode::kStateLocked, fmt::format("the run {} was begun by another process", run.id));
}

Status RunStore::FinishRun(std::string_view run_id, RunStatus status, std::string_view error) {
  SMELT_TRY(database_->Run(
      "UPDATE runs SET status = ?, finished_us = ?, error = ?, ended = (SELECT coalesce(max(other.ended), 0) + 1 "
      "FROM runs AS other WHERE other.pipeline = runs.pipeline AND other.ended > 0) "
      "WHERE id = ? AND status <> 'died'",
      {RunStatusText(status), NowMicros(), error, run_id}));
  Signal();
  return {};
}

Status RunStore::AddTask(const TaskRecord& task) {
  const std::string sql = fmt::format("INSERT INTO tasks ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", kTaskColumns);
  const std::string outcome = JsonText(task.outcome);
  SMELT_TRY(database_->Run(
      sql, {task.run_id, task.name, std::int64_t{task.attempt}, task.type, TaskStatusText(task.status), task.started_us,
            task.finished_us, outcome, task.error, task.fingerprint, task.reused_from}));
  return {};
}

Status RunStore::FinishTask(const TaskRecord& task) {
  const std::string outcome = JsonText(task.outcome);
  SMELT_TRY(
      database_->Run("UPDATE tasks SET status = ?, finished_us = ?, outcome = ?, error = ? WHERE run_id = ? AND name = "
                     "? AND attempt = ? AND status <> 'died'",
                     {TaskStatusText(task.status), task.finished_us, outcome, task.error, task.run_id, task.name,
                      std::int64_t{task.attempt}}));
  return {};
}

Status RunStore::AddSlaMiss(const SlaRecord& miss) {
  SMELT_TRY(
      database_->Run("INSERT INTO sla_misses (run_id, task, due_us, noticed_us) VALUES (?, ?, ?, ?) "
                     "ON CONFLICT DO NOTHING",
                     {miss.run_id, miss.task, miss.due_us, miss.noticed_us}));
  return {};
}

Result<std::vector<SlaRecord>> RunStore::SlaMisses(std::string_view run_id) {
  std::vector<SlaRecord> misses;
  SMELT_TRY(database_->Select(
      "SELECT run_id, task, due_us, noticed_us FROM sla_misses WHERE run_id = ? ORDER BY noticed_us, task", {run_id},
      [&](const Row& row) -> Status {
        misses.push_back({row.Text(0), row.Text(1), row.Int(2), row.Int(3)});
        return {};
      }));
  return misses;
}

Result<std::int64_t> RunStore::BuryDeadRuns(std::string_view pipeline) {
  std::int64_t buried = 0;
  SMELT_TRY(database_->Transaction([&]() -> Status {
    SMELT_TRY(
        database_->Run("UPDATE tasks SET status = 'died' WHERE status = 'running' AND run_id IN "
                       "(SELECT id FROM runs WHERE pipeline = ? AND status = 'running')",
                       {pipeline}));
    SMELT_ASSIGN(buried, database_->Run("UPDATE runs SET status = 'died', error = ? "
                                        "WHERE pipeline = ? AND status = 'running'",
                                        {kDiedReason, pipeline}));
    return {};
  }));
  return buried;
}

Result<std::optional<RunRecord>> RunStore::LastRun(std::string_view pipeline) {
  SMELT_ASSIGN(std::vector<RunRecord> runs, SelectRuns("pipeline = ?1 AND status <> 'queued'", pipeline, 1));
  if (runs.empty()) return std::nullopt;
  return std::move(runs.front());
}

Result<std::optional<RunRecord>> RunStore::FindRun(std::string_view run_id) {
  SMELT_ASSIGN(std::vector<RunRecord> runs, SelectRuns("id = ?1", run_id, 1));
  if (runs.empty()) return std::nullopt;
  return std::move(runs.front());
}

Result<std::optional<RunRecord>> RunStore::LastChild(std::string_view parent) {
  SMELT_ASSIGN(std::vector<RunRecord> runs, SelectRuns("parent = ?1 AND parent <> ''", parent, 1));
  if (runs.empty()) return std::nullopt;
  return std::move(runs.front());
}

Result<std::vector<RunRecord>> RunStore::ListRuns(const RunFilter& filter) {
  return SelectRuns("?1 = '' OR pipeline = ?1", filter.pipeline, filter.limit);
}

Result<std::vector<RunRecord>> RunStore::NewestOfEach() {
  return SelectRuns("?1 = '' AND rowid IN (SELECT max(rowid) FROM runs GROUP BY pipeline, status)", "",
                    internal::kNoLimit);
}

Result<std::vector<TaskRecord>> RunStore::Tasks(std::string_view run_id) {
  std::vector<TaskRecord> tasks;
  const std::string sql = fmt::format("SELECT {} FROM tasks WHERE run_id = ? ORDER BY rowid", kTaskColumns);
  SMELT_TRY(database_->Select(sql, {run_id}, [&](const Row& row) -> Status {
    SMELT_ASSIGN(TaskRecord task, ReadTask(row));
    tasks.push_back(std::move(task));
    return {};
  }));
  if (tasks.empty()) return tasks;
  SMELT_ASSIGN(const std::optional<RunRecord> run, FindRun(run_id));
  if (run && run->status == RunStatus::kDied) {
    for (TaskRecord& task : tasks) {
      if (task.status == TaskStatus::kRunning) task.status = TaskStatus::kDied;
    }
  }
  return tasks;
}

Result<std::vector<RunRecord>> RunStore::SelectRuns(std::string_view condition, std::string_view argument,
                                                    std::int64_t limit) {
  std::vector<RunRecord> runs;
  // Row ids follow the order of the runs even when the clock was set back between them.
  const std::string sql =
      fmt::format("SELECT {} FROM runs WHERE {} ORDER BY rowid DESC LIMIT ?2", kRunColumns, condition);
  SMELT_TRY(database_->Select(sql, {argument, limit < 0 ? internal::kNoLimit : limit}, [&](const Row& row) -> Status {
    SMELT_ASSIGN(RunRecord run, ReadRun(row));
    runs.push_back(std::move(run));
    return {};
  }));
  for (RunRecord& run : runs) {
    if (run.status == RunStatus::kRunning) SMELT_TRY(CheckAlive(run));
  }
  return runs;
}

Status RunStore::CheckAlive(RunRecord& run) {
  SMELT_ASSIGN(const std::optional<LockOwner> holder, coordination_->Holder(run.pipeline));
  if (holder && holder->run_id == run.id) return {};
  // It may have ended in the ordinary way between the two looks; a run releases its lock only after its last record.
  const std::string sql = fmt::format("SELECT {} FROM runs WHERE id = ?", kRunColumns);
  SMELT_TRY(database_->Select(sql, {run.id}, [&](const Row& row) -> Status {
    SMELT_ASSIGN(run, ReadRun(row));
    return {};
  }));
  if (run.status != RunStatus::kRunning) return {};
  run.status = RunStatus::kDied;
  run.error = kDiedReason;
  return {};
}

}  // namespace smelt::state
