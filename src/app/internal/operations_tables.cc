#include "app/internal/operations_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <string>
#include <vector>

#include "base/clock.h"

namespace smelt::app {
namespace {

constexpr std::string_view kMake = R"(
create schema if not exists operations;
create table if not exists operations.tasks (
  run_id varchar, pipeline varchar, triggered_by varchar, scheduled_at timestamptz, task varchar, type varchar,
  attempt bigint, status varchar, started_at timestamptz, finished_at timestamptz, seconds double, error varchar);
create table if not exists operations.tables (
  observed_at timestamptz, table_schema varchar, table_name varchar, version bigint, committed_at timestamptz,
  row_count bigint, files bigint, bytes bigint);
)";

std::string Time(std::int64_t micros) {
  return micros == 0 ? "null" : fmt::format("make_timestamptz({})", micros);
}

std::string TaskRow(const state::RunRecord& run, const state::TaskRecord& task) {
  constexpr double kMicrosPerSecond = 1e6;
  const double seconds = static_cast<double>(task.finished_us - task.started_us) / kMicrosPerSecond;
  const auto text = [](const std::string& value) { return engine::QuoteLiteral(value); };
  return fmt::format("({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})", text(run.id), text(run.pipeline),
                     text(run.triggered_by), Time(run.scheduled_us), text(task.name), text(task.type), task.attempt,
                     text(std::string(state::TaskStatusText(task.status))), Time(task.started_us),
                     Time(task.finished_us), seconds, task.error.empty() ? "null" : text(task.error));
}

/// Which attempts of these runs are known: "run/task/attempt".
Result<std::set<std::string>> KnownAttempts(engine::Session& session, const std::vector<std::string>& runs) {
  SMELT_ASSIGN(const auto rows,
               session.Query(fmt::format("select distinct run_id || '/' || task || '/' || attempt from "
                                         "operations.tasks where run_id in ({})",
                                         fmt::join(runs, ", "))));
  std::set<std::string> known;
  for (std::size_t row = 0; row < rows.rows.size(); ++row) known.insert(rows.Text(row).value_or(""));
  return known;
}

Status AddTasks(engine::Session& session, state::RunStore& store) {
  SMELT_ASSIGN(const auto runs, store.ListRuns({}));
  if (runs.empty()) return {};
  std::vector<std::string> ids, rows;
  for (const state::RunRecord& run : runs) ids.push_back(engine::QuoteLiteral(run.id));
  SMELT_ASSIGN(const std::set<std::string> known, KnownAttempts(session, ids));
  for (const state::RunRecord& run : runs) {
    SMELT_ASSIGN(const auto tasks, store.Tasks(run.id));
    for (const state::TaskRecord& task : tasks) {
      const bool is_known = known.contains(fmt::format("{}/{}/{}", run.id, task.name, task.attempt));
      if (task.finished_us != 0 && !is_known) rows.push_back(TaskRow(run, task));
    }
  }
  if (rows.empty()) return {};
  return session.Execute(fmt::format("insert into operations.tasks values {}", fmt::join(rows, ", ")));
}

Status AddTables(engine::Engine& engine, engine::Session& session) {
  SMELT_ASSIGN(const auto tables, engine.Tables());
  std::vector<std::string> rows;
  constexpr std::int64_t kMicrosPerMilli = 1000;
  const std::string now = Time(NowMicros());
  for (const engine::TableInfo& table : tables) {
    if (table.is_view) continue;
    rows.push_back(fmt::format("({}, {}, {}, {}, {}, {}, {}, {})", now, engine::QuoteLiteral(table.schema),
                               engine::QuoteLiteral(table.table), table.version,
                               Time(table.timestamp_ms * kMicrosPerMilli),
                               table.rows < 0 ? "null" : fmt::format("{}", table.rows), table.files, table.bytes));
  }
  if (rows.empty()) return {};
  return session.Execute(fmt::format("insert into operations.tables values {}", fmt::join(rows, ", ")));
}

}  // namespace

Status RefreshOperationsTables(engine::Engine& engine, state::RunStore& store) {
  SMELT_ASSIGN(const auto session, engine.Connect());
  SMELT_TRY(session->Execute(std::string(kMake)));
  SMELT_TRY(AddTasks(*session, store));
  return AddTables(engine, *session);
}

}  // namespace smelt::app
