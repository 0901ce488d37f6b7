#include "app/internal/status_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "quality/quarantine_release.h"
#include "state/alert_store.h"

namespace smelt::app {
namespace {

constexpr std::size_t kReasonsMax = 3;

Result<FailedRun> ReadFailure(state::RunStore& runs, const state::RunRecord& run) {
  FailedRun failed{.run = run, .error = run.error};
  SMELT_ASSIGN(const std::vector<state::TaskRecord> tasks, runs.Tasks(run.id));
  for (const state::TaskRecord& task : tasks) {
    if (task.status != state::TaskStatus::kFailed && task.status != state::TaskStatus::kDied) continue;
    failed.task = task.name;
    if (!task.error.empty()) failed.error = task.error;
    break;
  }
  return failed;
}

/// What rows of a table have most often, with their numbers: "amount min (12), day type (3)".
std::string MostFrequent(engine::Engine& engine, std::string_view what, const std::string& table) {
  const auto session = engine.Connect();
  if (!session) return {};
  const auto rows = (*session)->Query(
      fmt::format("select {}, count(*) from {} group by all order by 2 desc, 1 limit {}", what, table, kReasonsMax));
  if (!rows) return {};
  std::string reasons;
  for (std::size_t row = 0; row < rows->rows.size(); ++row) {
    reasons += fmt::format("{}{} ({})", reasons.empty() ? "" : ", ", rows->Text(row, 0).value_or("?"),
                           rows->Int(row, 1).value_or(0));
  }
  return reasons;
}

/// The table that rows in quarantine were taken out of, where suites did that; what loads keep out is called by the
/// table's name alone.
std::string NameOf(engine::Engine& engine, const std::string& place) {
  const auto session = engine.Connect();
  if (!session) return place;
  const auto table = quality::HeldTable(**session, place);
  return table && *table ? **table : place;
}

Status ReadRuns(const state::StoreAddress& address, const std::optional<ProjectConfig>& project, StatusReport& report) {
  SMELT_ASSIGN(const auto runs, state::RunStore::Open(address));
  SMELT_ASSIGN(const std::vector<LastRuns> pipelines, ReadLastRuns(*runs, project, report.now_us));
  report.pipelines = std::ssize(pipelines);
  for (const LastRuns& one : pipelines) {
    if (one.late_us > 0) report.late.push_back(one);
    if (one.last && one.last->status == state::RunStatus::kRunning) report.running.push_back(one);
    if (!one.last_ended || one.last_ended->status == state::RunStatus::kSucceeded) continue;
    SMELT_ASSIGN(FailedRun failed, ReadFailure(*runs, *one.last_ended));
    report.failed.push_back(std::move(failed));
  }
  return {};
}

/// Rows that loads hold in the schema `held`.
WaitingRows ReadWaiting(engine::Engine& engine, const engine::TableInfo& table) {
  const std::string name = "held." + engine::QuoteIdentifier(table.table);
  WaitingRows waiting{.table = table.table,
                      .rows = table.rows,
                      .missing = MostFrequent(engine, "split_part(missing, ' has ', 1)", name)};
  const auto session = engine.Connect();
  if (!session) return waiting;
  const auto oldest = (*session)->Query("select epoch_us(min(held_since)) from " + name);
  if (oldest) waiting.since_us = oldest->Int(0, 0).value_or(0);
  return waiting;
}

Status ReadTables(engine::Engine& engine, StatusReport& report) {
  constexpr std::int64_t kMicrosPerMs = 1'000;
  SMELT_ASSIGN(std::vector<engine::TableInfo> tables, engine.Tables());
  for (engine::TableInfo& table : tables) {
    if (table.is_view) continue;
    const std::int64_t changed_us = table.timestamp_ms * kMicrosPerMs;
    if (table.schema == "quarantine") {
      if (table.rows == 0) continue;
      report.quarantined.push_back({.table = NameOf(engine, table.table),
                                    .rows = table.rows,
                                    .changed_us = changed_us,
                                    .reasons = MostFrequent(engine, "coalesce(column_name || ' ', '') || rule",
                                                            "quarantine." + engine::QuoteIdentifier(table.table))});
    } else if (table.schema == "held") {
      if (table.rows > 0) report.waiting.push_back(ReadWaiting(engine, table));
    } else if (changed_us >= report.since_us) {
      report.changed.push_back(std::move(table));
    }
  }
  std::ranges::stable_sort(report.changed, std::ranges::greater(), &engine::TableInfo::timestamp_ms);
  return {};
}

}  // namespace

Result<StatusReport> ReadStatus(engine::Engine& engine, const state::StoreAddress& address,
                                const std::optional<ProjectConfig>& project, std::int64_t now_us,
                                std::int64_t since_us) {
  StatusReport report{.now_us = now_us, .since_us = since_us};
  SMELT_TRY(ReadRuns(address, project, report));
  SMELT_ASSIGN(const auto alerts, state::AlertStore::Open(address));
  SMELT_ASSIGN(report.incidents, alerts->Unresolved(""));
  SMELT_ASSIGN(const auto dead, alerts->Deliveries({.statuses = {state::DeliveryStatus::kDead}, .limit = -1}));
  report.undelivered = std::ssize(dead);
  SMELT_TRY(ReadTables(engine, report));
  return report;
}

}  // namespace smelt::app
