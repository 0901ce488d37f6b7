#include "ingest/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "app/internal/command.h"
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
constexpr std::size_t kNextMax = 3;

Result<int> Ingest(CommandContext& context, ingest::IngestOptions options) {
  SMELT_ASSIGN(ProjectConfig project, LoadProject(context.project_dir));
  if (context.lake.empty()) context.lake = project.lake;
  options.project_dir = project.dir;
  options.sources_folder = project.sources;
  options.threads = context.threads;
  SMELT_ASSIGN(auto engine, OpenLake(context, true));
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
    std::vector<std::string> next;
    std::string lake = ShellWord(context.lake);
    for (const StepResult& step : report->steps) {
      if (step.rows_quarantined <= 0 || next.size() == kNextMax) continue;
      next.push_back(
          fmt::format("smelt sql --lake {} -c \"select rule, column_name, count(*) from quarantine.{} group by all\"",
                      lake, engine::QuoteIdentifier(step.name.substr(step.name.find('.') + 1))));
    }
    if (next.empty()) next.push_back("smelt sql --lake " + lake);
    std::cout << RenderNext(next, terminal);
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
  command->add_option("--data", options->data_dir, "A folder with the files, instead of the sources' own")
      ->type_name("DIR");
  AddProjectOption(*command, context);
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback(
      [&context, options] { context.action = [&context, options] { return Ingest(context, *options); }; });
}

}  // namespace smelt::app
