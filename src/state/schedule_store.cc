#include "state/schedule_store.h"

#include <fmt/format.h>

#include <utility>

#include "base/clock.h"
#include "base/id.h"
#include "state/internal/database.h"

namespace smelt::state {
namespace {

using internal::Row;

Lease ReadLease(const Row& row) {
  return {.name = row.Text(0), .holder = row.Text(1), .token = row.Int(2), .expires_us = row.Int(3)};
}

}  // namespace

Result<std::string> ScheduleStore::SaveDefinition(std::string_view pipeline, std::string_view file,
                                                  std::string_view content) {
  std::string hash = ContentHash(fmt::format("{}\n{}", pipeline, content));
  SMELT_TRY(
      runs_.database_->Run("INSERT INTO definitions (hash, pipeline, file, content, since_us) "
                           "VALUES (?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
                           {hash, pipeline, file, content, NowMicros()}));
  return hash;
}

Result<std::optional<DefinitionRecord>> ScheduleStore::FindDefinition(std::string_view hash) {
  std::optional<DefinitionRecord> found;
  SMELT_TRY(runs_.database_->Select(
      "SELECT hash, pipeline, file, content, since_us FROM definitions WHERE hash = ?", {hash},
      [&](const Row& row) -> Status {
        found = DefinitionRecord{row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Int(4)};
        return {};
      }));
  return found;
}

Result<std::map<std::string, ScheduleRecord>> ScheduleStore::Schedules() {
  std::map<std::string, ScheduleRecord> schedules;
  SMELT_TRY(
      runs_.database_->Select("SELECT pipeline, paused, cursor_us FROM schedules", {}, [&](const Row& row) -> Status {
        schedules[row.Text(0)] = {row.Int(1) != 0, row.Int(2)};
        return {};
      }));
  return schedules;
}

Status ScheduleStore::SetPaused(std::string_view pipeline, bool paused) {
  SMELT_TRY(
      runs_.database_->Run("INSERT INTO schedules (pipeline, paused) VALUES (?, ?) "
                           "ON CONFLICT (pipeline) DO UPDATE SET paused = excluded.paused",
                           {pipeline, std::int64_t{paused ? 1 : 0}}));
  runs_.Signal();
  return {};
}

Status ScheduleStore::SetCursor(std::string_view pipeline, std::int64_t cursor_us) {
  SMELT_TRY(
      runs_.database_->Run("INSERT INTO schedules (pipeline, cursor_us) VALUES (?, ?) "
                           "ON CONFLICT (pipeline) DO UPDATE SET cursor_us = excluded.cursor_us",
                           {pipeline, cursor_us}));
  return {};
}

Result<std::map<std::string, std::string>> ScheduleStore::Seen(std::string_view pipeline) {
  std::map<std::string, std::string> seen;
  SMELT_TRY(runs_.database_->Select("SELECT event, seen FROM events WHERE pipeline = ?", {pipeline},
                                    [&](const Row& row) -> Status {
                                      seen[row.Text(0)] = row.Text(1);
                                      return {};
                                    }));
  return seen;
}

Status ScheduleStore::SetSeen(std::string_view pipeline, std::string_view event, std::string_view seen) {
  SMELT_TRY(
      runs_.database_->Run("INSERT INTO events (pipeline, event, seen) VALUES (?, ?, ?) "
                           "ON CONFLICT (pipeline, event) DO UPDATE SET seen = excluded.seen",
                           {pipeline, event, seen}));
  return {};
}

Status ScheduleStore::CheckLease(const Lease* lease) {
  if (lease == nullptr) return {};
  SMELT_ASSIGN(const std::optional<Lease> current, StoredLease(lease->name));
  if (current && current->holder == lease->holder && current->token == lease->token) return {};
  return Fail(Error(ErrorCode::kStateLocked,
                    fmt::format("the lease '{}' has gone to {}", lease->name, current ? current->holder : "nobody")));
}

Result<bool> ScheduleStore::Insert(const RunRecord& run) {
  const std::string parameters = JsonText(run.parameters);
  SMELT_ASSIGN(
      const std::int64_t added,
      runs_.database_->Run("INSERT INTO runs (id, pipeline, project, status, started_us, finished_us, "
                           "triggered_by, parameters, error, resumed_from, host, pid, scheduled_us, definition) "
                           "VALUES (?, ?, ?, 'queued', ?, 0, ?, ?, '', ?, '', 0, ?, ?) ON CONFLICT DO NOTHING",
                           {run.id, run.pipeline, run.project, run.started_us, run.triggered_by, parameters,
                            run.resumed_from, run.scheduled_us, run.definition}));
  return added > 0;
}

/// The parts of an entry, within a transaction.
Result<bool> ScheduleStore::Record(const QueueEntry& entry) {
  SMELT_ASSIGN(const bool added, Insert(entry.run));
  if (entry.cursor_us) SMELT_TRY(SetCursor(entry.run.pipeline, *entry.cursor_us));
  for (const auto& [event, seen] : entry.seen) SMELT_TRY(SetSeen(entry.run.pipeline, event, seen));
  return added;
}

Result<bool> ScheduleStore::Enqueue(const QueueEntry& entry, const Lease* lease) {
  bool added = false;
  SMELT_TRY(runs_.Together([&]() -> Status {
    SMELT_TRY(CheckLease(lease));
    SMELT_ASSIGN(added, Record(entry));
    return {};
  }));
  if (lease == nullptr) runs_.Signal();
  return added;
}

Result<std::int64_t> ScheduleStore::EnqueueAll(const std::vector<QueueEntry>& entries) {
  std::int64_t queued = 0;
  SMELT_TRY(runs_.Together([&]() -> Status {
    for (const QueueEntry& entry : entries) {
      SMELT_ASSIGN(const bool added, Record(entry));
      queued += added ? 1 : 0;
    }
    return {};
  }));
  runs_.Signal();
  return queued;
}

Result<bool> ScheduleStore::Withdraw(std::string_view run_id) {
  std::int64_t removed = 0;
  SMELT_TRY(runs_.Together([&]() -> Status {
    // What it was to go on with would be gone on with by yet another.
    SMELT_TRY(runs_.database_->Run(
        "INSERT INTO cancellations (run_id, by_whom, at_us) SELECT resumed_from, '', CAST(? AS BIGINT) FROM runs "
        "WHERE id = ? AND status = 'queued' AND resumed_from <> '' ON CONFLICT (run_id) DO NOTHING",
        {NowMicros(), run_id}));
    SMELT_ASSIGN(removed, runs_.database_->Run("DELETE FROM runs WHERE id = ? AND status = 'queued'", {run_id}));
    return {};
  }));
  return removed > 0;
}

Result<bool> ScheduleStore::Cancel(std::string_view run_id, std::string_view by) {
  bool at_work = false;
  SMELT_TRY(runs_.Together([&]() -> Status {
    SMELT_TRY(runs_.database_->Select("SELECT 1 FROM runs WHERE id = ? AND status = 'running'", {run_id},
                                      [&](const Row&) -> Status {
                                        at_work = true;
                                        return {};
                                      }));
    if (!at_work) return {};
    SMELT_TRY(
        runs_.database_->Run("INSERT INTO cancellations (run_id, by_whom, at_us) VALUES (?, ?, ?) "
                             "ON CONFLICT (run_id) DO NOTHING",
                             {run_id, by, NowMicros()}));
    return {};
  }));
  if (at_work) runs_.Signal();
  return at_work;
}

Result<std::optional<std::string>> ScheduleStore::FindCancellation(std::string_view run_id) {
  std::optional<std::string> by;
  SMELT_TRY(runs_.database_->Select("SELECT by_whom FROM cancellations WHERE run_id = ?", {run_id},
                                    [&](const Row& row) -> Status {
                                      by = row.Text(0);
                                      return {};
                                    }));
  return by;
}

Result<std::vector<RunRecord>> ScheduleStore::Queued() {
  // ListRuns has the newest first.
  constexpr std::int64_t kAll = -1;
  SMELT_ASSIGN(std::vector<RunRecord> runs, runs_.SelectRuns("status = 'queued' AND ?1 = ''", "", kAll));
  return std::vector<RunRecord>(std::make_move_iterator(runs.rbegin()), std::make_move_iterator(runs.rend()));
}

Result<std::vector<RunRecord>> ScheduleStore::Orphans() {
  constexpr std::int64_t kAll = -1;
  SMELT_ASSIGN(
      std::vector<RunRecord> runs,
      runs_.SelectRuns(
          "status IN ('running', 'died', 'interrupted') AND triggered_by <> 'manual' AND parent = '' AND ?1 = '' "
          "AND NOT EXISTS (SELECT 1 FROM runs AS later WHERE later.resumed_from = runs.id)",
          "", kAll));
  // Those that live were looked at, too, and still say that they run.
  std::erase_if(runs, [](const RunRecord& run) { return run.status == RunStatus::kRunning; });
  return std::vector<RunRecord>(std::make_move_iterator(runs.rbegin()), std::make_move_iterator(runs.rend()));
}

/// Records, within a transaction, what became of an orphan; whether somebody is to go on with it.
Result<bool> ScheduleStore::Bury(const RunRecord& orphan) {
  SMELT_TRY(
      runs_.database_->Run("UPDATE tasks SET status = 'died' WHERE status = 'running' AND run_id = ?", {orphan.id}));
  SMELT_ASSIGN(const auto cancelled_by, FindCancellation(orphan.id));
  if (!cancelled_by) {
    SMELT_TRY(runs_.database_->Run("UPDATE runs SET status = 'died', error = ? WHERE status = 'running' AND id = ?",
                                   {orphan.error, orphan.id}));
    return true;
  }
  SMELT_TRY(runs_.database_->Run(
      "UPDATE runs SET status = 'cancelled', error = 'the run was cancelled', finished_us = CASE finished_us WHEN 0 "
      "THEN ? ELSE finished_us END WHERE id = ?",
      {NowMicros(), orphan.id}));
  return false;
}

Result<bool> ScheduleStore::Adopt(const RunRecord& orphan, const std::string& new_id, const Lease* lease) {
  bool added = false;
  SMELT_TRY(runs_.Together([&]() -> Status {
    SMELT_TRY(CheckLease(lease));
    // It has a successor; or it ended after all: a server carries out what a process asked for before it was killed.
    bool is_settled = false;
    SMELT_TRY(
        runs_.database_->Select("SELECT 1 FROM runs WHERE resumed_from = ?1 OR (id = ?1 AND status NOT IN ('running', "
                                "'died', 'interrupted'))",
                                {orphan.id}, [&](const Row&) -> Status {
                                  is_settled = true;
                                  return {};
                                }));
    if (is_settled) return {};
    SMELT_ASSIGN(const bool goes_on, Bury(orphan));
    if (!goes_on) return {};
    RunRecord next = orphan;
    next.id = new_id;
    next.resumed_from = orphan.id;
    next.started_us = NowMicros();
    SMELT_ASSIGN(added, Insert(next));
    return {};
  }));
  return added;
}

Result<std::optional<RunRecord>> ScheduleStore::LastEnded(std::string_view pipeline, bool succeeded, bool failed) {
  const std::string statuses = succeeded && failed ? "'succeeded', 'failed'" : succeeded ? "'succeeded'" : "'failed'";
  SMELT_ASSIGN(
      std::vector<RunRecord> runs,
      runs_.SelectRuns(fmt::format("pipeline = ?1 AND ended > 0 AND status IN ({0}) AND ended = (SELECT max(ended) "
                                   "FROM runs WHERE pipeline = ?1 AND ended > 0 AND status IN ({0}))",
                                   statuses),
                       pipeline, 1));
  if (runs.empty()) return std::nullopt;
  return std::move(runs.front());
}

Result<std::optional<Lease>> ScheduleStore::TakeLease(std::string_view name, std::string_view holder,
                                                      std::int64_t ttl_us) {
  std::optional<Lease> taken;
  SMELT_TRY(runs_.Together([&]() -> Status {
    SMELT_ASSIGN(const std::optional<Lease> current, StoredLease(name));
    SMELT_ASSIGN(const std::int64_t now_us, runs_.database_->Now());
    // One that lasts much longer than any does was taken before the clock was set back.
    const bool free = !current || current->holder.empty() || current->holder == holder ||
                      current->expires_us <= now_us || current->expires_us > now_us + 10 * ttl_us;
    if (!free) return {};
    Lease lease{.name = std::string(name),
                .holder = std::string(holder),
                .token = current ? current->token + 1 : 1,
                .expires_us = now_us + ttl_us};
    SMELT_TRY(
        runs_.database_->Run("INSERT INTO leases (name, holder, token, expires_us) VALUES (?, ?, ?, ?) "
                             "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = excluded.token, "
                             "expires_us = excluded.expires_us",
                             {lease.name, lease.holder, lease.token, lease.expires_us}));
    lease.expires_us = NowMicros() + ttl_us;
    taken = std::move(lease);
    return {};
  }));
  return taken;
}

Result<std::optional<Lease>> ScheduleStore::RenewLease(const Lease& lease, std::int64_t ttl_us) {
  SMELT_ASSIGN(const std::int64_t now_us, runs_.database_->Now());
  Lease renewed = lease;
  renewed.expires_us = NowMicros() + ttl_us;
  SMELT_ASSIGN(const std::int64_t changed,
               runs_.database_->Run("UPDATE leases SET expires_us = ? WHERE name = ? AND holder = ? AND token = ?",
                                    {now_us + ttl_us, lease.name, lease.holder, lease.token}));
  if (changed == 0) return std::nullopt;
  return renewed;
}

Status ScheduleStore::ReleaseLease(const Lease& lease) {
  SMELT_TRY(
      runs_.database_->Run("UPDATE leases SET holder = '', expires_us = 0 WHERE name = ? AND holder = ? "
                           "AND token = ?",
                           {lease.name, lease.holder, lease.token}));
  runs_.Signal();
  return {};
}

Result<std::optional<Lease>> ScheduleStore::FindLease(std::string_view name) {
  SMELT_ASSIGN(std::optional<Lease> lease, StoredLease(name));
  if (!lease) return lease;
  // The clock of the store, which all schedulers go by, may differ from that of this machine.
  SMELT_ASSIGN(const std::int64_t now_us, runs_.database_->Now());
  lease->expires_us += NowMicros() - now_us;
  return lease;
}

Result<std::optional<Lease>> ScheduleStore::StoredLease(std::string_view name) {
  std::optional<Lease> lease;
  SMELT_TRY(runs_.database_->Select("SELECT name, holder, token, expires_us FROM leases WHERE name = ?", {name},
                                    [&](const Row& row) -> Status {
                                      lease = ReadLease(row);
                                      return {};
                                    }));
  return lease;
}

Status ScheduleStore::Approve(std::string_view run_id, std::string_view task, const Approval& approval) {
  SMELT_TRY(runs_.database_->Run(
      "INSERT INTO approvals (run_id, task, approved, by_whom, comment, at_us) "
      "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (run_id, task) DO UPDATE SET "
      "approved = excluded.approved, by_whom = excluded.by_whom, "
      "comment = excluded.comment, at_us = excluded.at_us",
      {run_id, task, std::int64_t{approval.approved ? 1 : 0}, approval.by, approval.comment, approval.at_us}));
  runs_.Signal();
  return {};
}

Result<std::optional<Approval>> ScheduleStore::FindApproval(std::string_view run_id, std::string_view task) {
  std::optional<Approval> approval;
  SMELT_TRY(
      runs_.database_->Select("SELECT approved, by_whom, comment, at_us FROM approvals WHERE run_id = ? "
                              "AND task = ?",
                              {run_id, task}, [&](const Row& row) -> Status {
                                approval = Approval{row.Int(0) != 0, row.Text(1), row.Text(2), row.Int(3)};
                                return {};
                              }));
  return approval;
}

}  // namespace smelt::state
