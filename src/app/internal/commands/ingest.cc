#include "ingest/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "app/internal/command.h"
#include "app/internal/contract_door.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/project.h"
#include "app/internal/tasks.h"
#include "app/internal/terminal/progress_view.h"
#include "app/internal/terminal/report_view.h"
#include "app/internal/terminal/text.h"
#include "base/clock.h"

namespace smelt::app {
namespace {

/// So many tables with quarantined rows get a command of their own to look at them.
constexpr std::size_t kQuarantinesMax = 3;

/// A statement as an argument for a shell, which must leave names in quotes as they are.
std::string StatementWord(const std::string& sql) {
  return sql.contains('"') ? ShellWord(sql) : "\"" + sql + "\"";
}

/// What to do with the tables that were loaded: look at what was kept out of them, build on them, look into one.
std::vector<std::string> NextCommands(const CommandContext& context, const ProjectConfig& project,
                                      const std::vector<StepResult>& steps) {
  const std::string lake = " --lake " + ShellWord(context.lake);
  const auto table_of = [](const StepResult& step) {
    return engine::QuoteIdentifier(step.name.substr(step.name.find('.') + 1));
  };
  std::vector<std::string> next;
  for (const StepResult& step : steps) {
    if (step.rows_quarantined <= 0 || next.size() == kQuarantinesMax) continue;
    const std::string sql =
        fmt::format("select rule, column_name, count(*) from quarantine.{} group by all", table_of(step));
    next.push_back(fmt::format("smelt sql{} -c {}", lake, StatementWord(sql)));
  }
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::path(project.dbt) / "dbt_project.yml", ignored)) {
    const std::string folder = context.project_dir == "." ? "" : " --project-dir " + ShellWord(context.project_dir);
    next.push_back("smelt build" + folder + lake);
  }
  if (!steps.empty()) {
    const std::string& name = steps.front().name;
    const std::string schema = engine::QuoteIdentifier(name.substr(0, name.find('.')));
    const std::string sql = fmt::format("from {}.{} limit 10", schema, table_of(steps.front()));
    next.push_back(fmt::format("smelt sql{} -c {}", lake, StatementWord(sql)));
  }
  return next;
}

Result<int> Ingest(CommandContext& context, ingest::IngestOptions options) {
  SMELT_ASSIGN(ProjectConfig project, LoadProject(context.project_dir));
  Adopt(context, project);
  options.project_dir = project.dir;
  options.sources_folder = project.sources;
  options.sharpen = HoldToContracts(project);
  options.threads = context.threads;
  SMELT_ASSIGN(auto engine, OpenLake(context, engine::MissingLake::kMake));
  double begin = MonotonicSeconds();
  ProgressView progress(ProgressTo(STDOUT_FILENO, context.json));
  auto report = ingest::RunIngest(*engine, options, progress, context.stop);
  progress.Stop();
  if (!report) return Fail(std::move(report.error()));
  if (!context.json) {
    Terminal terminal = DescribeTerminal(STDOUT_FILENO);
    std::cout << RenderOutcome(report->steps, MonotonicSeconds() - begin, terminal);
    if (!report->files_unclaimed.empty()) {
      std::cout << OneLine(DescribeUnclaimed(report->files_unclaimed)) << "\n";
    }
    if (!report->files_waiting.empty()) std::cout << OneLine(DescribeWaiting(report->files_waiting)) << "\n";
    std::cout << RenderNext(NextCommands(context, project, report->steps), terminal);
  }
  return 0;
}

}  // namespace

void AddIngestCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("ingest", "Load new source files into bronze");
  command->footer("Example: smelt ingest --project-dir projects/olist --lake lake --data landing");
  auto options = std::make_shared<ingest::IngestOptions>();
  command->add_option("--source", options->sources, "Only these sources");
  command->add_option("--table", options->tables, "Only these tables");
  command->add_option("--data", options->data_dir, "Read the files here instead, and leave them there")
      ->type_name("DIR|s3://…");
  command->add_flag("--again", options->again, "Load known files, too, of tables that are merged: after a restore");
  AddProjectOption(*command, context);
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback(
      [&context, options] { context.action = [&context, options] { return Ingest(context, *options); }; });
}

}  // namespace smelt::app
