#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "app/internal/command.h"
#include "app/internal/contract_door.h"
#include "app/internal/lake_of_project.h"
#include "app/internal/project.h"
#include "app/internal/result_writer.h"
#include "app/internal/terminal/folded_steps.h"
#include "app/internal/terminal/list_view.h"
#include "app/internal/terminal/report_view.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"
#include "base/config.h"
#include "base/id.h"
#include "ingest/release.h"
#include "quality/quarantine_release.h"
#include "state/lock.h"

namespace smelt::app {
namespace {

constexpr std::string_view kSchema = "quarantine";

/// What the options of all `smelt quarantine` commands set.
struct QuarantineRequest {
  ingest::ReleaseOptions release;
  std::string rule;
  std::int64_t limit = 40;
  bool all = false;
};

std::string TableSql(std::string_view table) {
  return fmt::format("{}.{}", kSchema, engine::QuoteIdentifier(table));
}

/// Finds the quarantine of a table that may be named with its schema: what suites took out of silver.orders is in
/// silver_orders, what ingest kept out of bronze.orders in orders. Errors: kSqlCatalog with the nearest name.
Result<std::string> FindQuarantine(engine::Engine& engine, const std::string& name) {
  const std::size_t dot = name.find('.');
  const std::string table = name.substr(dot == std::string::npos ? 0 : dot + 1);
  std::string of_suites = name;
  if (dot != std::string::npos) of_suites[dot] = '_';
  SMELT_ASSIGN(const std::vector<engine::TableInfo> tables, engine.Tables(kSchema));
  std::vector<std::string_view> known;
  for (const engine::TableInfo& info : tables) known.push_back(info.table);
  for (const std::string& candidate : {of_suites, table}) {
    if (std::ranges::find(known, candidate) != known.end()) return candidate;
  }
  const std::string nearest = NearestWord(table, known);
  return std::unexpected(
      Error(ErrorCode::kSqlCatalog, fmt::format("nothing of {} is in quarantine", name))
          .Hint(nearest.empty() ? "`smelt quarantine list` shows what is" : fmt::format("did you mean {}?", nearest)));
}

/// The rows that --rule and --where select; "true" for all.
std::string Condition(const QuarantineRequest& request) {
  std::string condition;
  if (!request.rule.empty()) condition = "rule = " + engine::QuoteLiteral(request.rule);
  if (!request.release.where.empty()) {
    condition += fmt::format("{}({})", condition.empty() ? "" : " and ", request.release.where);
  }
  return condition.empty() ? "true" : condition;
}

Status Show(const CommandContext& context, engine::Session& session, const std::string& sql, std::int64_t rows_max) {
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  auto writer =
      MakeResultWriter(context.json ? OutputFormat::kNdjson : OutputFormat::kTable, std::cout,
                       TerminalWidth(STDOUT_FILENO), rows_max, {.unicode = terminal.unicode, .color = terminal.color});
  SMELT_TRY(session.Stream(sql, *writer));
  return writer->Finish();
}

Result<int> List(CommandContext& context) {
  SMELT_TRY(AdoptLakeOfProject(context));
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(const auto session, engine->Connect());
  session->ObserveStop(context.stop);
  SMELT_ASSIGN(const std::vector<engine::TableInfo> tables, engine->Tables(kSchema));
  std::string sql;
  for (const engine::TableInfo& table : tables) {
    const auto has = [&](std::string_view column) {
      return std::ranges::find(table.columns, column, &std::pair<std::string, std::string>::first) !=
             table.columns.end();
    };
    if (!has("rule")) continue;
    // What suites took out goes by its table's name, as `show` and `release` know it.
    SMELT_ASSIGN(const auto held_of, quality::HeldTable(*session, table.table));
    sql += fmt::format(
        "{}select {} as \"table\", rule, {} as \"column\", count(*) as \"rows\", {} as \"first\", {} as \"last\" from "
        "{} group by "
        "all",
        sql.empty() ? "" : " union all ", engine::QuoteLiteral(held_of.value_or(table.table)),
        has("column_name") ? "column_name" : "null",
        has("ingestion_timestamp") ? "min(ingestion_timestamp)::date" : "null::date",
        has("ingestion_timestamp") ? "max(ingestion_timestamp)::date" : "null::date", TableSql(table.table));
  }
  const auto held = sql.empty() ? Result<engine::ResultTable>()
                                : session->Query(fmt::format("select \"table\" from ({}) order by 1 limit 1", sql));
  SMELT_TRY(held);
  if (held->rows.empty()) {
    if (!context.json) std::cout << "nothing is in quarantine\n";
    return 0;
  }
  SMELT_TRY(Show(context, *session, sql + " order by \"table\", \"rows\" desc, rule, \"column\"", 1'000));
  if (!context.json) {
    const std::string table = held->Text().value_or("");
    std::cout << RenderNext({fmt::format("smelt quarantine show {} --lake {}", table, context.lake)},
                            DescribeTerminal(STDOUT_FILENO));
  }
  return 0;
}

/// Place, column, rule, message and raw text of held rows, in this order; NULL where a table has no such column.
std::string ShownColumns(engine::Engine& engine, const std::string& table) {
  const auto tables = engine.Tables(kSchema);
  std::vector<std::string> known;
  for (const engine::TableInfo& info : tables.value_or(std::vector<engine::TableInfo>())) {
    if (info.table != table) continue;
    for (const auto& [name, type] : info.columns) known.push_back(name);
  }
  std::string columns;
  for (const std::string_view name : {"source_file", "line", "column_name", "rule", "message", "raw_text"}) {
    const bool there = std::ranges::find(known, name) != known.end();
    columns += fmt::format("{}{}::varchar as {}", columns.empty() ? "" : ", ", there ? name : "null", name);
  }
  return columns;
}

/// Held rows as entries of a list: where each stood, and below that why it is held and what it was.
std::vector<ListEntry> EntriesOf(const engine::ResultTable& rows) {
  std::vector<ListEntry> entries;
  for (std::size_t row = 0; row < rows.rows.size(); ++row) {
    const auto text = [&](std::size_t column) { return rows.Text(row, column).value_or(""); };
    const std::string line = text(1);
    entries.push_back({.cells = {text(0) + (line.empty() ? "" : ":" + line), text(2), text(3)},
                       .tones = {Tone::kStrong, Tone::kPlain, Tone::kWarn},
                       .notes = {{text(4)}, {text(5), Tone::kDim}}});
  }
  return entries;
}

Result<int> ShowRows(CommandContext& context, const QuarantineRequest& request) {
  SMELT_TRY(AdoptLakeOfProject(context));
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(const auto session, engine->Connect());
  session->ObserveStop(context.stop);
  SMELT_ASSIGN(const std::string table, FindQuarantine(*engine, request.release.table));
  const std::string from = fmt::format("{} where {}", TableSql(table), Condition(request));
  if (context.json) {
    SMELT_TRY(Show(context, *session, fmt::format("select * from {} limit {}", from, request.limit), request.limit));
    return 0;
  }
  SMELT_ASSIGN(const engine::ResultTable count, session->Query("select count(*) from " + from));
  const std::int64_t total = count.Int().value_or(0);
  if (total == 0) {
    std::cout << "no row in quarantine fits\n";
    return 0;
  }
  SMELT_ASSIGN(
      const engine::ResultTable rows,
      session->Query(fmt::format("select {} from {} limit {}", ShownColumns(*engine, table), from, request.limit)));
  std::cout << RenderList({"row", "column", "rule"}, EntriesOf(rows), TerminalWidth(STDOUT_FILENO),
                          DescribeTerminal(STDOUT_FILENO));
  const auto shown = std::ssize(rows.rows);
  std::cout << (shown == total ? Counted(total, "row")
                               : fmt::format("{} of {}; --limit shows more, --rule and --where choose", shown,
                                             Counted(total, "row")))
            << "\n";
  return 0;
}

/// Keeps two commands from moving the same rows at once. The lock lies beside the run records.
Result<state::FileLock> LockQuarantine(const CommandContext& context) {
  return state::FileLock::Acquire(StatePath(context.lake) + ".quarantine.lock", state::CurrentOwner("quarantine"),
                                  "the quarantine");
}

Result<int> Drop(CommandContext& context, const QuarantineRequest& request) {
  const std::string condition = Condition(request);
  if (condition == "true" && !request.all) {
    return std::unexpected(Error(ErrorCode::kUsage, "which rows are to be dropped?")
                               .Hint("pass --rule RULE, --where CONDITION, or --all"));
  }
  SMELT_TRY(AdoptLakeOfProject(context));
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(const std::string table, FindQuarantine(*engine, request.release.table));
  SMELT_ASSIGN(const state::FileLock lock, LockQuarantine(context));
  SMELT_ASSIGN(const auto session, engine->Connect());
  session->ObserveStop(context.stop);
  SMELT_ASSIGN(const engine::ResultTable answer,
               session->Query(fmt::format("delete from {} where {}", TableSql(table), condition)));
  const std::int64_t dropped = answer.Int().value_or(0);
  if (context.json) {
    std::cout << JsonText(Json({{"table", std::string(kSchema) + "." + table}, {"dropped", dropped}})) << "\n";
  } else {
    std::cout << fmt::format("{} dropped from {}.{}\n", Counted(dropped, "row"), kSchema, table);
  }
  return 0;
}

void Print(const CommandContext& context, const ingest::ReleaseReport& report) {
  if (context.json) {
    std::cout << JsonText(Json({{"table", report.table},
                                {"examined", report.examined},
                                {"released", report.released},
                                {"kept", report.kept},
                                {"waiting", report.waiting},
                                {"finished", report.finished},
                                {"files_gone", report.files_gone},
                                {"complaints", report.complaints}}))
              << "\n";
    return;
  }
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  for (const std::string& complaint : report.complaints) std::cout << "  " << OneLine(complaint) << "\n";
  if (report.finished > 0) {
    std::cout << fmt::format("{} of an earlier release, loaded already, left quarantine\n",
                             Counted(report.finished, "row"));
  }
  for (const std::string& file : report.files_gone) {
    std::cout << fmt::format(
        "rows of {} stay: the file is gone, and with it the order of its columns; "
        "--contract-order takes that of the contract\n",
        OneLine(file));
  }
  const std::string waiting =
      report.waiting == 0 ? "" : fmt::format(" ({} for what they refer to)", FormatCount(report.waiting) + " wait");
  std::cout << Paint(fmt::format("{} released to {}{}, {} kept", Counted(report.released, "row"), report.table, waiting,
                                 FormatCount(report.kept)),
                     report.kept > 0 ? Tone::kWarn : Tone::kGood, terminal.color)
            << "\n";
}

/// Rows that suites took out of `table`, judged again by the suites of the project.
Result<ingest::ReleaseReport> ReleaseBySuites(const CommandContext& context, engine::Engine& engine,
                                              const ProjectConfig& project, const QuarantineRequest& request,
                                              const std::string& table) {
  quality::RowReleaseOptions options{
      .table = table, .where = Condition(request), .suites = {}, .variables = Json::object(), .run_id = NewRunId()};
  std::error_code ignored;
  if (std::filesystem::is_directory(project.suites, ignored)) {
    SMELT_ASSIGN(options.suites, quality::LoadSuites(project.suites));
  }
  SMELT_ASSIGN(quality::RowReleaseReport report, quality::ReleaseRows(engine, options, context.stop));
  return ingest::ReleaseReport{.table = table,
                               .examined = report.examined,
                               .released = report.released,
                               .kept = report.kept,
                               .waiting = 0,
                               .finished = report.finished,
                               .files_gone = {},
                               .complaints = std::move(report.complaints)};
}

Result<int> Release(CommandContext& context, QuarantineRequest request) {
  SMELT_ASSIGN(const ProjectConfig project, LoadProject(context.project_dir));
  Adopt(context, project);
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(const std::string place, FindQuarantine(*engine, request.release.table));
  SMELT_ASSIGN(const auto session, engine->Connect());
  SMELT_ASSIGN(const auto by_suites, quality::HeldTable(*session, place));
  if (by_suites) {
    SMELT_ASSIGN(const state::FileLock lock, LockQuarantine(context));
    SMELT_ASSIGN(const ingest::ReleaseReport report, ReleaseBySuites(context, *engine, project, request, *by_suites));
    Print(context, report);
    return report.kept > 0 ? Describe(ErrorCode::kQualityGateFailed).exit_code : 0;
  }
  request.release.where = Condition(request);
  request.release.project_dir = project.dir;
  request.release.sources_folder = project.sources;
  request.release.sharpen = HoldToContracts(project);
  SMELT_ASSIGN(const state::FileLock lock, LockQuarantine(context));
  SMELT_ASSIGN(const ingest::ReleaseReport report, ingest::ReleaseQuarantined(*engine, request.release, context.stop));
  Print(context, report);
  return report.kept > 0 ? Describe(ErrorCode::kQualityGateFailed).exit_code : 0;
}

/// A command on one table, with the options that choose its rows.
CLI::App* AddTableAction(CLI::App& parent, CommandContext& context, const char* name, const char* summary,
                         const std::shared_ptr<QuarantineRequest>& request) {
  auto* command = parent.add_subcommand(name, summary);
  command->add_option("table", request->release.table, "The table that the rows were meant for")
      ->required()
      ->type_name("TABLE");
  command->add_option("--rule", request->rule, "Only rows that broke this rule")->type_name("RULE");
  command->add_option("--where", request->release.where, "Only rows that satisfy this condition of SQL")
      ->type_name("CONDITION");
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  return command;
}

}  // namespace

void AddQuarantineCommand(CLI::App& program, CommandContext& context) {
  auto* command =
      program.add_subcommand("quarantine", "Look at rows that were kept out of their tables, and let them in");
  command->footer("Example: smelt quarantine show orders --rule type --lake lake");
  command->require_subcommand(1);
  auto* list = command->add_subcommand("list", "Count what is in quarantine, by table, rule and column");
  list->footer("Example: smelt quarantine list --lake lake");
  AddLakeOptions(*list, context);
  AddJsonOption(*list, context);
  list->callback([&context] { context.action = [&context] { return List(context); }; });

  const auto request = std::make_shared<QuarantineRequest>();
  auto* show = AddTableAction(*command, context, "show", "Show rows, with the rule that each broke", request);
  show->footer("Example: smelt quarantine show orders --rule type --lake lake");
  show->add_option("--limit", request->limit, "Rows to show at most; 40 by default")
      ->check(CLI::Range(1, 1'000'000).description(""))
      ->type_name("N");
  show->callback([&context, request] { context.action = [&context, request] { return ShowRows(context, *request); }; });

  auto* release = AddTableAction(
      *command, context, "release",
      "Judge rows again by the contract or the suites as they are now: what fits goes to its table", request);
  release->footer("Example: smelt quarantine release orders --rule set --project-dir shop --lake lake");
  release->add_option("--data", request->release.data_dir, "The folder with the files, instead of the source's own")
      ->type_name("DIR");
  release->add_flag("--contract-order", request->release.contract_order,
                    "Rows whose file is gone have their fields in the contract's order");
  AddProjectOption(*release, context);
  release->callback(
      [&context, request] { context.action = [&context, request] { return Release(context, *request); }; });

  auto* drop = AddTableAction(*command, context, "drop", "Delete rows for good", request);
  drop->footer("Example: smelt quarantine drop orders --where \"ingestion_timestamp < '2018-01-01'\" --lake lake");
  drop->add_flag("--all", request->all, "All rows of the table");
  drop->callback([&context, request] { context.action = [&context, request] { return Drop(context, *request); }; });
}

}  // namespace smelt::app
