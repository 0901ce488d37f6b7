#include "state/internal/history_sums.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace smelt::state::internal {
namespace {

// {0} stands for which tasks count.

constexpr std::string_view kTasks =
    "SELECT r.pipeline, t.name, t.status, count(*), count(*) FILTER (WHERE t.attempt > 1), CAST(sum(CASE WHEN "
    "t.finished_us > t.started_us THEN t.finished_us - t.started_us ELSE 0 END) / 1e6 AS TEXT) "
    "FROM tasks t JOIN runs r ON r.id = t.run_id WHERE t.reused_from = '' AND {0} "
    // What was done for items counts with the task that it was done for.
    "AND t.name NOT LIKE '%[%' GROUP BY r.pipeline, t.name, t.status ORDER BY 1, 2, 3";

// The steps of a task stand in the JSON of its outcome, which the two databases take apart in words of their own.

/// With max() alone among the aggregates, SQLite takes the other columns from the row that has it: hence the join of
/// the sums with the newest.
constexpr std::string_view kStepsOfSqlite =
    "WITH steps AS (SELECT t.rowid AS id, s.key AS place, s.value ->> '$.name' AS name, s.value ->> '$.kind' AS kind, "
    "s.value ->> '$.status' AS status, s.value ->> '$.rows_in' AS rows_in, s.value ->> '$.rows_out' AS rows_out, "
    "s.value ->> '$.rows_quarantined' AS rows_quarantined, s.value ->> '$.seconds' AS seconds "
    "FROM tasks t, json_each(t.outcome, '$.steps') s WHERE t.reused_from = '' AND {0} AND json_type(t.outcome, "
    "'$.steps') = "
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
    "WITH ORDINALITY s (value, place) WHERE t.reused_from = '' AND {0}), "
    "aged AS (SELECT *, row_number() OVER (PARTITION BY name, kind ORDER BY id DESC, place DESC) AS age FROM steps) "
    "SELECT name, kind, count(*), count(*) FILTER (WHERE status = 'failed'), sum(rows_in), sum(rows_out), "
    "sum(rows_quarantined), sum(seconds)::text, max(seconds) FILTER (WHERE age = 1)::text FROM aged "
    "WHERE name IS NOT NULL AND kind IS NOT NULL GROUP BY name, kind ORDER BY kind, name";

constexpr std::string_view kUsageOfSqlite =
    "WITH parts AS ("
    "SELECT t.run_id, t.name AS task, s.value ->> '$.name' AS step, s.value ->> '$.kind' AS kind, "
    "s.value -> '$.usage' AS usage FROM tasks t, json_each(t.outcome, '$.steps') s "
    "WHERE t.reused_from = '' AND {0} AND json_type(t.outcome, '$.steps') = 'array' UNION ALL "
    "SELECT t.run_id, t.name, '', t.type, t.outcome -> '$.usage' FROM tasks t "
    "WHERE t.reused_from = '' AND {0}) "
    "SELECT r.pipeline, p.task, p.step, p.kind, count(*), CAST(sum(p.usage ->> '$.cpu_seconds') AS TEXT), "
    "sum(p.usage ->> '$.bytes_read'), sum(p.usage ->> '$.bytes_written') FROM parts p JOIN runs r ON r.id = p.run_id "
    "WHERE p.usage IS NOT NULL GROUP BY r.pipeline, p.task, p.step, p.kind ORDER BY 1, 2, 3, 4";
constexpr std::string_view kUsageOfPostgres =
    "WITH parts AS ("
    "SELECT t.run_id, t.name AS task, (s.value ->> 'name') COLLATE \"C\" AS step, "
    "(s.value ->> 'kind') COLLATE \"C\" AS kind, s.value -> 'usage' AS usage FROM tasks t, json_array_elements(CASE "
    "WHEN "
    "json_typeof(t.outcome::json -> 'steps') = 'array' THEN t.outcome::json -> 'steps' ELSE '[]' END) s (value) "
    "WHERE t.reused_from = '' AND {0} UNION ALL "
    "SELECT t.run_id, t.name, '', t.type, t.outcome::json -> 'usage' FROM tasks t "
    "WHERE t.reused_from = '' AND {0}) "
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

Result<std::vector<TaskTotal>> SumTasks(Database& database, std::string_view which,
                                        const std::vector<Argument>& arguments) {
  std::vector<TaskTotal> totals;
  SMELT_TRY(database.Select(fmt::format(kTasks, which), arguments, [&](const Row& row) -> Status {
    totals.push_back({row.Text(0), row.Text(1), row.Text(2), row.Int(3), row.Int(4), Real(row, 5)});
    return {};
  }));
  return totals;
}

Result<std::vector<StepTotal>> SumSteps(Database& database, std::string_view which,
                                        const std::vector<Argument>& arguments) {
  std::vector<StepTotal> totals;
  const std::string_view sql = database.dialect() == Dialect::kSqlite ? kStepsOfSqlite : kStepsOfPostgres;
  SMELT_TRY(database.Select(fmt::format(fmt::runtime(sql), which), arguments, [&](const Row& row) -> Status {
    totals.push_back({row.Text(0), row.Text(1), row.Int(2), row.Int(3), row.Int(4), row.Int(5), row.Int(6),
                      Real(row, 7), Real(row, 8)});
    return {};
  }));
  return totals;
}

Result<std::vector<UsageTotal>> SumUsage(Database& database, std::string_view which,
                                         const std::vector<Argument>& arguments) {
  std::vector<UsageTotal> totals;
  const std::string_view sql = database.dialect() == Dialect::kSqlite ? kUsageOfSqlite : kUsageOfPostgres;
  SMELT_TRY(database.Select(fmt::format(fmt::runtime(sql), which), arguments, [&](const Row& row) -> Status {
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

auto KeyOf(const TaskTotal& total) {
  return std::tie(total.pipeline, total.task, total.status);
}
auto KeyOf(const StepTotal& total) {
  return std::tie(total.kind, total.name);
}
auto KeyOf(const UsageTotal& total) {
  return std::tie(total.pipeline, total.task, total.step, total.kind);
}

void AddOne(TaskTotal& sum, const TaskTotal& newer) {
  sum.attempts += newer.attempts;
  sum.repetitions += newer.repetitions;
  sum.seconds += newer.seconds;
}
void AddOne(StepTotal& sum, const StepTotal& newer) {
  sum.times += newer.times;
  sum.failures += newer.failures;
  sum.rows_in += newer.rows_in;
  sum.rows_out += newer.rows_out;
  sum.rows_quarantined += newer.rows_quarantined;
  sum.seconds += newer.seconds;
  sum.last_seconds = newer.last_seconds;
}
void AddOne(UsageTotal& sum, const UsageTotal& newer) {
  sum.times += newer.times;
  sum.usage.cpu_seconds += newer.usage.cpu_seconds;
  sum.usage.bytes_read += newer.usage.bytes_read;
  sum.usage.bytes_written += newer.usage.bytes_written;
}

/// Adds sums to sums; both are in the order of their keys, and so is the result.
template <typename Total>
void Merge(std::vector<Total>& sums, const std::vector<Total>& newer) {
  std::vector<Total> merged;
  merged.reserve(sums.size() + newer.size());
  auto sum = sums.begin();
  for (const Total& one : newer) {
    while (sum != sums.end() && KeyOf(*sum) < KeyOf(one)) merged.push_back(std::move(*sum++));
    if (sum == sums.end() || KeyOf(one) < KeyOf(*sum)) {
      merged.push_back(one);
    } else {
      AddOne(*sum, one);
    }
  }
  std::move(sum, sums.end(), std::back_inserter(merged));
  sums = std::move(merged);
}

}  // namespace

Result<HistoryTotals> SumHistory(Database& database, std::int64_t after, std::int64_t until) {
  constexpr std::string_view kBetween = "t.rowid > ?1 AND t.rowid <= ?2";
  HistoryTotals totals;
  SMELT_ASSIGN(totals.tasks, SumTasks(database, kBetween, {after, until}));
  SMELT_ASSIGN(totals.steps, SumSteps(database, kBetween, {after, until}));
  SMELT_ASSIGN(totals.usage, SumUsage(database, kBetween, {after, until}));
  return totals;
}

Result<std::vector<UsageTotal>> SumUsageSince(Database& database, std::int64_t since_us) {
  return SumUsage(database, "t.started_us >= ?1", {since_us});
}

void AddTotals(HistoryTotals& sums, const HistoryTotals& newer) {
  Merge(sums.tasks, newer.tasks);
  Merge(sums.steps, newer.steps);
  Merge(sums.usage, newer.usage);
}

Json TotalsToJson(const HistoryTotals& totals) {
  Json json = {{"tasks", Json::array()}, {"steps", Json::array()}, {"usage", Json::array()}};
  for (const TaskTotal& one : totals.tasks) {
    json["tasks"].push_back({one.pipeline, one.task, one.status, one.attempts, one.repetitions, one.seconds});
  }
  for (const StepTotal& one : totals.steps) {
    json["steps"].push_back({one.name, one.kind, one.times, one.failures, one.rows_in, one.rows_out,
                             one.rows_quarantined, one.seconds, one.last_seconds});
  }
  for (const UsageTotal& one : totals.usage) {
    json["usage"].push_back({one.pipeline, one.task, one.step, one.kind, one.times, one.usage.cpu_seconds,
                             one.usage.bytes_read, one.usage.bytes_written});
  }
  return json;
}

std::optional<HistoryTotals> TotalsFromJson(const std::string& text) {
  const Json json = JsonOrDiscarded(text);
  HistoryTotals totals;
  try {
    for (const Json& one : json.at("tasks")) {
      totals.tasks.push_back({one.at(0), one.at(1), one.at(2), one.at(3), one.at(4), one.at(5)});
    }
    for (const Json& one : json.at("steps")) {
      totals.steps.push_back(
          {one.at(0), one.at(1), one.at(2), one.at(3), one.at(4), one.at(5), one.at(6), one.at(7), one.at(8)});
    }
    for (const Json& one : json.at("usage")) {
      totals.usage.push_back({one.at(0),
                              one.at(1),
                              one.at(2),
                              one.at(3),
                              one.at(4),
                              {.cpu_seconds = one.at(5), .bytes_read = one.at(6), .bytes_written = one.at(7)}});
    }
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  return totals;
}

}  // namespace smelt::state::internal
