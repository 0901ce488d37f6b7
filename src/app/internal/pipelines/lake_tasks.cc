#include "app/internal/pipelines/lake_tasks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "base/file.h"

namespace smelt::app {
namespace {

using pipeline::SettingKind;
using pipeline::TaskContext;
using pipeline::TaskOutcome;

/// A value as JSON: numbers and booleans as such, all else as text.
Json ValueOf(const engine::ResultColumn& column, const engine::Cell& cell) {
  if (!cell) return {};
  const bool plain = column.kind == engine::TypeKind::kInteger || column.kind == engine::TypeKind::kFloat ||
                     column.kind == engine::TypeKind::kDecimal || column.kind == engine::TypeKind::kBoolean;
  Json value = plain ? JsonOrDiscarded(*cell) : Json(*cell);
  return value.is_discarded() ? Json(*cell) : value;
}

/// So many rows of a result are kept for the records and for tasks downstream.
constexpr std::size_t kRowsKept = 100;

Json RowsOf(const engine::ResultTable& table, std::size_t rows_max) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < std::min(rows_max, table.rows.size()); ++i) {
    Json row = Json::object();
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      row[table.columns[c].name] = ValueOf(table.columns[c], table.rows[i][c]);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Runs a script and tells what it committed.
Result<TaskOutcome> RunScript(engine::Engine& engine, const TaskContext& context, const std::string& sql) {
  SMELT_ASSIGN(auto session, engine.Connect());
  session->ObserveStop(context.stop);
  session->CountCpu();
  SMELT_ASSIGN(const engine::ResultTable table, session->Query(sql));
  TaskOutcome outcome;
  outcome.usage = session->TakeUsage();
  Json commits = Json::array();
  for (const engine::CommitReport& commit : session->TakeCommits()) {
    commits.push_back({{"table", commit.table}, {"version", commit.version}, {"operation", commit.operation}});
    outcome.rows_out = std::max<std::int64_t>(outcome.rows_out, 0) + commit.rows_added;
    ++outcome.commits;
  }
  if (!commits.empty()) outcome.details["commits"] = std::move(commits);
  if (table.kind == engine::ResultKind::kRows) {
    outcome.details["rows"] = RowsOf(table, kRowsKept);
    if (!outcome.details["rows"].empty()) outcome.details["output"] = outcome.details["rows"][0];
  }
  return outcome;
}

Result<TaskOutcome> RunSql(engine::Engine& engine, const std::string& project_dir, const TaskContext& context) {
  const auto text = context.with.Find("sql");
  const auto file = context.with.Find("file");
  if (text.has_value() == file.has_value()) {
    return Fail(
        context.with.ErrorHere(ErrorCode::kConfigValueInvalid, "a task of type sql has either 'sql' or 'file'"));
  }
  std::string sql;
  if (text) {
    SMELT_ASSIGN(sql, text->AsString());
  } else {
    SMELT_ASSIGN(const std::string name, file->AsString());
    SMELT_ASSIGN(sql, ReadWholeFile((std::filesystem::path(project_dir) / name).lexically_normal().string()));
  }
  auto outcome = RunScript(engine, context, sql);
  if (outcome || outcome.error().file() != "SQL") return outcome;
  // What the engine calls SQL is a text of the definition, or a file.
  Error error = std::move(outcome.error());
  const std::int64_t line = error.line(), column = error.column();
  if (text) return Fail(std::move(error).At(text->file(), text->line(), text->column()));
  return Fail(std::move(error).At(file->AsString().value_or(""), line, column));
}

/// Calls a function of maintenance on every table of the task, a step each.
Result<TaskOutcome> Maintain(engine::Engine& engine, const TaskContext& context, const std::string& function,
                             const std::string& arguments) {
  SMELT_ASSIGN(const auto tables, context.with.Find("table")->AsStringList());
  TaskOutcome outcome;
  outcome.status = StepStatus::kNothing;
  for (const std::string& table : tables) {
    if (context.stop.stop_requested()) return Fail(ErrorCode::kCancelled, fmt::format("{} was stopped", function));
    StepResult step;
    step.name = table;
    step.kind = function;
    context.observer.StepStarted(step.name, step.kind);
    const double began = MonotonicSeconds();
    SMELT_ASSIGN(const TaskOutcome done,
                 RunScript(engine, context,
                           fmt::format("select * from {}({}{})", function, engine::QuoteLiteral(table), arguments)));
    step.seconds = MonotonicSeconds() - began;
    step.status = done.commits > 0 ? StepStatus::kDone : StepStatus::kNothing;
    step.usage = done.usage;
    step.details = done.details;
    context.observer.StepFinished(step);
    outcome.commits += done.commits;
    if (done.commits > 0) outcome.status = StepStatus::kDone;
    outcome.steps.push_back(std::move(step));
  }
  return outcome;
}

Result<TaskOutcome> Optimize(engine::Engine& engine, const TaskContext& context) {
  std::string arguments;
  if (const auto columns = context.with.Find("zorder")) {
    SMELT_ASSIGN(const auto names, columns->AsStringList());
    std::vector<std::string> quoted;
    for (const std::string& name : names) quoted.push_back(engine::QuoteLiteral(name));
    arguments += fmt::format(", zorder => [{}]", fmt::join(quoted, ", "));
  }
  if (const auto where = context.with.Find("where")) {
    SMELT_ASSIGN(const std::string condition, where->AsString());
    arguments += fmt::format(", \"where\" => {}", engine::QuoteLiteral(condition));
  }
  return Maintain(engine, context, "optimize", arguments);
}

Result<TaskOutcome> Vacuum(engine::Engine& engine, const TaskContext& context) {
  std::string arguments;
  if (const auto hours = context.with.Find("retain_hours")) {
    SMELT_ASSIGN(const std::int64_t number, hours->AsInt());
    arguments = fmt::format(", retain_hours => {}", number);
  }
  return Maintain(engine, context, "vacuum", arguments);
}

}  // namespace

pipeline::QueryFunction LakeQuery(engine::Engine& engine) {
  return [&engine](const std::string& sql, std::stop_token stop) -> Result<Json> {
    SMELT_ASSIGN(auto session, engine.Connect());
    session->ObserveStop(std::move(stop));
    SMELT_ASSIGN(const engine::ResultTable table, session->Query(sql));
    Json items = RowsOf(table, table.rows.size());
    if (table.columns.size() != 1) return items;
    for (Json& item : items) item = Json(item[table.columns[0].name]);
    return items;
  };
}

void RegisterLakeTasks(pipeline::TaskRegistry& registry, engine::Engine& engine, const std::string& project_dir) {
  registry.Add({"sql",
                "Run SQL statements on the lake",
                {{"sql", SettingKind::kText, "the statements"},
                 {"file", SettingKind::kText, "a file with them, relative to the project"}},
                [&engine, project_dir](const TaskContext& context) { return RunSql(engine, project_dir, context); }});
  registry.Add({"optimize",
                "Pack the small files of tables into large ones",
                {{"table", SettingKind::kTextList, "the tables, as schema.table", true},
                 {"zorder", SettingKind::kTextList, "columns by which rows are brought together"},
                 {"where", SettingKind::kText, "a condition on partition columns"}},
                [&engine](const TaskContext& context) { return Optimize(engine, context); }});
  registry.Add({"vacuum",
                "Delete files of tables that no version within the retention needs",
                {{"table", SettingKind::kTextList, "the tables, as schema.table", true},
                 {"retain_hours", SettingKind::kInteger, "how far back versions stay readable"}},
                [&engine](const TaskContext& context) { return Vacuum(engine, context); }});
}

}  // namespace smelt::app
