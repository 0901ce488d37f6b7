#include "state/run_history.h"

#include <charconv>
#include <utility>

#include "state/internal/state_database.h"

namespace smelt::state {
namespace {

using internal::Database;
using internal::Dialect;
using internal::Row;

// The steps of a task stand in the JSON of its outcome, which the two databases take apart in words of their own.

/// With max() alone among the aggregates, SQLite takes the other columns from the row that has it: hence the join of
/// the sums with the newest.
constexpr std::string_view kStepsOfSqlite =
    "WITH steps AS (SELECT t.rowid AS id, s.key AS place, s.value ->> '$.name' AS name, s.value ->> '$.kind' AS kind, "
    "s.value ->> '$.status' AS status, s.value ->> '$.rows_in' AS rows_in, s.value ->> '$.rows_out' AS rows_out, "
    "s.value ->> '$.rows_quarantined' AS rows_quarantined, s.value ->> '$.seconds' AS seconds "
    "FROM tasks t, json_each(t.outcome, '$.steps') s WHERE t.reused_from = '' AND json_type(t.outcome, '$.steps') = "
    "'array'), newest AS (SELECT name, kind, seconds, max(id * 100000 + place) FROM steps GROUP BY name, kind) "
    "SELECT s.name, s.kind, count(*), sum(s.status = 'failed'), sum(s.rows_in), sum(s.rows_out), "
    "sum(s.rows_quarantined), CAST(sum(s.seconds) AS TEXT), CAST(n.seconds AS TEXT) FROM steps s "
    "JOIN newest n ON n.name = s.name AND n.kind = s.kind GROUP BY s.name, s.kind ORDER BY 2, 1";
constexpr std::string_view kStepsOfPostgres =
    "WITH steps AS (SELECT t.rowid AS id, s.place, (s.value ->> 'name') COLLATE \"C\" AS name, "
    "(s.value ->> 'kind') COLLATE \"C\" AS kind, s.value ->> 'status' AS status, (s.value ->> 'rows_in')::bigint AS "
    "rows_in, "
    "(s.value ->> 'rows_out')::bigint AS rows_out, (s.value ->> 'rows_quarantined')::bigint AS rows_quarantined, "
    "(s.value ->> 'seconds')::double precision AS seconds FROM tasks t, json_array_elements(CASE WHEN "
    "json_typeof(t.outcome::json -> 'steps') = 'array' THEN t.outcome::json -> 'steps' ELSE '[]' END) "
    "WITH ORDINALITY s (value, place) WHERE t.reused_from = ''), "
    "aged AS (SELECT *, row_number() OVER (PARTITION BY name, kind ORDER BY id DESC, place DESC) AS age FROM steps) "
    "SELECT name, kind, count(*), count(*) FILTER (WHERE status = 'failed'), sum(rows_in), sum(rows_out), "
    "sum(rows_quarantined), sum(seconds)::text, max(seconds) FILTER (WHERE age = 1)::text FROM aged "
    "WHERE name IS NOT NULL AND kind IS NOT NULL GROUP BY name, kind ORDER BY kind, name";

constexpr std::string_view kUsageOfSqlite =
    "WITH parts AS ("
    "SELECT t.run_id, t.name AS task, s.value ->> '$.name' AS step, s.value ->> '$.kind' AS kind, "
    "s.value -> '$.usage' AS usage FROM tasks t, json_each(t.outcome, '$.steps') s "
    "WHERE t.reused_from = '' AND t.started_us >= ?1 AND json_type(t.outcome, '$.steps') = 'array' UNION ALL "
    "SELECT t.run_id, t.name, '', t.type, t.outcome -> '$.usage' FROM tasks t "
    "WHERE t.reused_from = '' AND t.started_us >= ?1) "
    "SELECT r.pipeline, p.task, p.step, p.kind, count(*), CAST(sum(p.usage ->> '$.cpu_seconds') AS TEXT), "
    "sum(p.usage ->> '$.bytes_read'), sum(p.usage ->> '$.bytes_written') FROM parts p JOIN runs r ON r.id = p.run_id "
    "WHERE p.usage IS NOT NULL GROUP BY r.pipeline, p.task, p.step, p.kind ORDER BY 1, 2, 3, 4";
constexpr std::string_view kUsageOfPostgres =
    "WITH parts AS ("
    "SELECT t.run_id, t.name AS task, (s.value ->> 'name') COLLATE \"C\" AS step, "
    "(s.value ->> 'kind') COLLATE \"C\" AS kind, s.value -> 'usage' AS usage FROM tasks t, json_array_elements(CASE "
    "WHEN "
    "json_typeof(t.outcome::json -> 'steps') = 'array' THEN t.outcome::json -> 'steps' ELSE '[]' END) s (value) "
    "WHERE t.reused_from = '' AND t.started_us >= ?1 UNION ALL "
    "SELECT t.run_id, t.name, '', t.type, t.outcome::json -> 'usage' FROM tasks t "
    "WHERE t.reused_from = '' AND t.started_us >= ?1) "
    "SELECT r.pipeline, p.task, p.step, p.kind, count(*), sum((p.usage ->> 'cpu_seconds')::double precision)::text, "
    "sum((p.usage ->> 'bytes_read')::bigint), sum((p.usage ->> 'bytes_written')::bigint) "
    "FROM parts p JOIN runs r ON r.id = p.run_id WHERE p.usage IS NOT NULL "
    "GROUP BY r.pipeline, p.task, p.step, p.kind "
    "ORDER BY 1, 2, 3, 4";

/// A fraction, which the queries give as text.
double Real(const Row& row, int column) {
  const std::string text = row.Text(column);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

RunHistory::RunHistory(std::unique_ptr<Database> database) : database_(std::move(database)) {}
RunHistory::~RunHistory() = default;

Result<std::unique_ptr<RunHistory>> RunHistory::Open(const StoreAddress& address, std::int64_t busy_timeout_ms) {
  SMELT_ASSIGN(std::unique_ptr<Database> database, internal::OpenStateDatabase(address, busy_timeout_ms));
  return std::unique_ptr<RunHistory>(new RunHistory(std::move(database)));
}

Result<std::vector<RunTotal>> RunHistory::Runs() {
  std::vector<RunTotal> totals;
  SMELT_TRY(database_->Select("SELECT pipeline, status, count(*) FROM runs GROUP BY pipeline, status ORDER BY 1, 2", {},
                              [&](const Row& row) -> Status {
                                totals.push_back({row.Text(0), row.Text(1), row.Int(2)});
                                return {};
                              }));
  return totals;
}

Result<std::vector<TaskTotal>> RunHistory::Tasks() {
  std::vector<TaskTotal> totals;
  SMELT_TRY(database_->Select(
      "SELECT r.pipeline, t.name, t.status, count(*), count(*) FILTER (WHERE t.attempt > 1), CAST(sum(CASE WHEN "
      "t.finished_us > t.started_us THEN t.finished_us - t.started_us ELSE 0 END) / 1e6 AS TEXT) "
      "FROM tasks t JOIN runs r ON r.id = t.run_id WHERE t.reused_from = '' "
      // What was done for items counts with the task that it was done for.
      "AND t.name NOT LIKE '%[%' GROUP BY r.pipeline, t.name, t.status ORDER BY 1, 2, 3",
      {}, [&](const Row& row) -> Status {
        totals.push_back({row.Text(0), row.Text(1), row.Text(2), row.Int(3), row.Int(4), Real(row, 5)});
        return {};
      }));
  return totals;
}

Result<std::vector<StepTotal>> RunHistory::Steps() {
  std::vector<StepTotal> totals;
  const bool is_file = database_->dialect() == Dialect::kSqlite;
  SMELT_TRY(database_->Select(is_file ? kStepsOfSqlite : kStepsOfPostgres, {}, [&](const Row& row) -> Status {
    totals.push_back({row.Text(0), row.Text(1), row.Int(2), row.Int(3), row.Int(4), row.Int(5), row.Int(6),
                      Real(row, 7), Real(row, 8)});
    return {};
  }));
  return totals;
}

Result<std::vector<UsageTotal>> RunHistory::UsageSince(std::int64_t since_us) {
  std::vector<UsageTotal> totals;
  SMELT_TRY(database_->Select(
      database_->dialect() == Dialect::kSqlite ? kUsageOfSqlite : kUsageOfPostgres, {since_us},
      [&](const Row& row) -> Status {
        totals.push_back({row.Text(0),
                          row.Text(1),
                          row.Text(2),
                          row.Text(3),
                          row.Int(4),
                          {.cpu_seconds = Real(row, 5), .bytes_read = row.Int(6), .bytes_written = row.Int(7)}});
        return {};
      }));
  return totals;
}

}  // namespace smelt::state
