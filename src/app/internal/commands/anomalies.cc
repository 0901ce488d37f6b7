#include "quality/anomalies.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "app/internal/command.h"
#include "app/internal/terminal/folded_steps.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"
#include "quality/profile_history.h"

namespace smelt::app {
namespace {

struct AnomaliesRequest {
  std::vector<std::string> data;
  quality::TimeBuckets buckets;
  quality::AnomalyOptions options;
  int backfill = 0;
  bool no_record = false;
};

/// Profiles a version and keeps it, unless it is kept already.
Status Record(engine::Engine& engine, engine::Session& session, const std::string& name, const std::stop_token& stop) {
  SMELT_ASSIGN(const quality::DataSource source, quality::FindData(engine, session, name));
  SMELT_ASSIGN(const quality::TableProfile profile, quality::Profile(session, source, stop));
  SMELT_TRY(quality::StoreProfile(session, profile));
  return {};
}

/// Keeps profiles of the versions before the present one, as far back as they can be read.
Status Backfill(engine::Engine& engine, engine::Session& session, const std::string& table, int versions,
                const std::stop_token& stop) {
  SMELT_ASSIGN(const quality::DataSource source, quality::FindData(engine, session, table));
  const std::int64_t newest = source.version.value_or(0);
  for (std::int64_t version = newest - 1; version >= std::max<std::int64_t>(0, newest - versions); --version) {
    const Status recorded = Record(engine, session, fmt::format("{}@{}", table, version), stop);
    if (recorded) continue;
    const ErrorCode code = recorded.error().code();
    // What was vacuumed or cleaned up is gone, and so is all before it.
    if (code == ErrorCode::kDeltaVersionMissing || code == ErrorCode::kDeltaFileMissing) return {};
    return recorded;
  }
  return {};
}

Result<quality::AnomalyReport> Examine(const CommandContext& context, engine::Engine& engine, engine::Session& session,
                                       const std::string& name, const AnomaliesRequest& request) {
  if (!request.buckets.column.empty()) {
    SMELT_ASSIGN(const quality::DataSource source, quality::FindData(engine, session, name));
    return quality::FindAnomaliesByTime(session, source, request.buckets, request.options, context.stop);
  }
  if (request.backfill > 0) SMELT_TRY(Backfill(engine, session, name, request.backfill, context.stop));
  if (!request.no_record) SMELT_TRY(Record(engine, session, name, context.stop));
  return quality::FindAnomaliesInHistory(engine, session, name, request.options, context.stop);
}

void Print(const CommandContext& context, const quality::AnomalyReport& report) {
  if (context.json) {
    std::cout << JsonText(report.ToJson()) << "\n";
    return;
  }
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  for (const quality::AnomalyCheck& check : report.checks) {
    if (!check.anomalous) continue;
    std::cout << Paint(terminal.unicode ? "▲ " : "! ", Tone::kWarn, terminal.color) << OneLine(check.verdict) << "\n";
  }
  const std::int64_t anomalies = report.anomalies();
  const std::int64_t judged = std::ssize(report.checks) - report.unjudged();
  std::string summary = fmt::format("{}: {} in {}", OneLine(report.label),
                                    anomalies == 0   ? "no anomalies"
                                    : anomalies == 1 ? "1 anomaly"
                                                     : fmt::format("{} anomalies", FormatCount(anomalies)),
                                    Counted(judged, "check"));
  if (report.unjudged() > 0) summary += fmt::format("; {} with too little history", FormatCount(report.unjudged()));
  summary += fmt::format(" ({:.2g} false alarms expected)", report.false_alarms);
  std::cout << Paint(summary, anomalies == 0 ? Tone::kGood : Tone::kWarn, terminal.color) << "\n";
}

Result<int> RunAnomalies(CommandContext& context, AnomaliesRequest request) {
  SMELT_ASSIGN(const auto engine, OpenForData(context, request.data));
  SMELT_ASSIGN(const auto session, engine->Connect());
  session->ObserveStop(context.stop);
  if (request.data.empty()) {
    if (!request.buckets.column.empty()) {
      return std::unexpected(Error(ErrorCode::kUsage, "which data has the column?").Hint("name a table or file"));
    }
    SMELT_ASSIGN(request.data, quality::ProfiledTables(*engine, *session));
  }
  if (request.data.empty()) {
    return std::unexpected(Error(ErrorCode::kUsage, "no table has a history of profiles")
                               .Hint("name a table: `smelt anomalies silver.orders` begins its history"));
  }
  bool found = false;
  for (const std::string& name : request.data) {
    SMELT_ASSIGN(const quality::AnomalyReport report, Examine(context, *engine, *session, name, request));
    Print(context, report);
    found = found || report.anomalies() > 0;
  }
  return found ? Describe(ErrorCode::kQualityGateFailed).exit_code : 0;
}

}  // namespace

void AddAnomaliesCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand(
      "anomalies",
      "Judge volume, freshness, null rates, means, mixes and schema by their history; exit code 1 when some are off");
  command->footer("Example: smelt anomalies silver.orders --by order_purchase_timestamp --last 7 --lake lake");
  auto request = std::make_shared<AnomaliesRequest>();
  command->add_option("data", request->data, "Tables, or with --by also files; by default all tables with a history")
      ->type_name("TABLE|FILE");
  command->add_option("--by", request->buckets.column, "Judge rows by this column of times instead of versions")
      ->type_name("COLUMN");
  command->add_option("--every", request->buckets.unit, "With --by: hour, day (the default), week or month")
      ->type_name("UNIT");
  command->add_option("--columns", request->options.columns, "Only these columns, beside the table as a whole")
      ->delimiter(',')
      ->type_name("COLUMN,…");
  command->add_option("--last", request->options.last, "Judge so many of the newest versions or times; 1 by default")
      ->check(CLI::Range(1, 1'000'000).description(""))
      ->type_name("N");
  command
      ->add_option("--false-alarms", request->options.false_alarms,
                   "False alarms to be expected in a run when nothing is wrong, over all its checks; 0.1 by default")
      ->check(CLI::Range(1e-6, 1e3).description(""))
      ->type_name("NUMBER");
  command->add_option("--backfill", request->backfill, "First keep profiles of up to so many earlier versions")
      ->check(CLI::Range(1, 100'000).description(""))
      ->type_name("N");
  command->add_flag("--no-record", request->no_record, "Do not keep a profile of the present version first");
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback(
      [&context, request] { context.action = [&context, request] { return RunAnomalies(context, *request); }; });
}

}  // namespace smelt::app
