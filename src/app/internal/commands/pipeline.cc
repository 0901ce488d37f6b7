#include <unistd.h>

#include <iostream>

#include "app/internal/alerting.h"
#include "app/internal/command.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/pipelines/commands.h"
#include "app/internal/terminal/progress_view.h"
#include "base/clock.h"

namespace smelt::app {
namespace {

/// `skipped_exit` is the exit code of a single task that was skipped.
Result<int> RunNamed(CommandContext& context, PipelineRequest request, int skipped_exit = 0) {
  SMELT_ASSIGN(request.project, LoadProject(context.project_dir));
  Adopt(context, request.project);
  SMELT_ASSIGN(auto engine, OpenLake(context, engine::MissingLake::kMake));
  ProgressView progress(ProgressTo(STDOUT_FILENO, context.json));
  SMELT_ASSIGN(auto report, RunProjectPipeline(context, *engine, request, progress));
  std::string again = "smelt pipeline run " + ShellWord(request.name);
  if (context.project_dir != ".") again += " --project-dir " + ShellWord(context.project_dir);
  again += " --lake " + ShellWord(context.lake);
  if (!request.data_dir.empty()) again += " --data " + ShellWord(request.data_dir);
  if (!request.task.empty()) again += " --task " + ShellWord(request.task);
  const int code = PrintOutcome(context, report, request.project.prices, again + " --resume");
  ReportAlerts(context, TellOfRuns(context, request.project, engine.get()));
  const bool skipped = !request.task.empty() && report.tasks.front().status == state::TaskStatus::kSkipped;
  return code == 0 && skipped ? skipped_exit : code;
}

}  // namespace

namespace {

/// Tasks of a run once more, with all that is downstream of them, now.
void AddClearCommand(CLI::App& pipeline, CommandContext& context) {
  auto* clear = pipeline.add_subcommand("clear", "Run tasks of a run again, and what is downstream of them");
  clear->footer("Example: smelt pipeline clear daily --from silver --lake lake");
  auto request = std::make_shared<PipelineRequest>();
  clear->add_option("name", request->name, "The pipeline")->required();
  clear->add_option("--from", request->repeat_from, "The tasks")->required();
  clear->add_option("--run", request->resume_from, "The run; the last one when absent");
  clear->add_option("--data", request->data_dir, "A folder with the source files, instead of the sources' own")
      ->type_name("DIR");
  AddProjectOption(*clear, context);
  AddLakeOptions(*clear, context);
  AddJsonOption(*clear, context);
  clear->callback([&context, request] {
    request->resume = true;
    context.action = [&context, request] { return RunNamed(context, *request); };
  });
}

}  // namespace

void AddPipelineCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("pipeline", "Run the pipelines of a project, and look after their runs");
  command->require_subcommand(1);
  command->footer("Example: smelt pipeline run daily --project-dir projects/olist --lake lake --data landing");
  auto* run = command->add_subcommand("run", "Run a pipeline now");
  run->footer("Example: smelt pipeline run daily --project-dir projects/olist --lake lake --data landing");
  auto request = std::make_shared<PipelineRequest>();
  auto vars = std::make_shared<std::vector<std::string>>();
  auto at = std::make_shared<std::string>();
  auto skipped_exit = std::make_shared<int>(0);
  run->add_option("name", request->name, "The pipeline: a file of the project's pipelines folder")->required();
  run->add_option("--data", request->data_dir, "A folder with the source files, instead of the sources' own")
      ->type_name("DIR");
  run->add_flag("--resume", request->resume, "Go on with the last run from the task that failed");
  run->add_flag("--full-refresh", request->full_refresh, "Build everything anew from bronze");
  run->add_option("--task", request->task,
                  "Only this task, once, whatever it needs; what those did last is known to it");
  run->add_option("--at", *at, "The instant for which the run is (ISO 8601, UTC unless it says otherwise)")
      ->type_name("TIME");
  run->add_option("--skipped-exit", *skipped_exit, "With --task: the exit code when its condition does not hold")
      ->check(CLI::Range(0, 255))
      ->capture_default_str()
      ->type_name("CODE");
  run->add_option("--param,--var", *vars, "A param or variable for the tasks, name=value");
  AddProjectOption(*run, context);
  AddLakeOptions(*run, context);
  AddJsonOption(*run, context);
  AddLogFormatOption(*run, context);
  run->callback([&context, request, vars, at, skipped_exit] {
    context.action = [&context, request, vars, at, skipped_exit]() -> Result<int> {
      for (const std::string& text : *vars) SMELT_TRY(AddVariable(text, "--var", request->vars));
      if (!at->empty()) {
        SMELT_ASSIGN(request->scheduled_us, ParseTimestampMicros(*at));
      }
      return RunNamed(context, *request, *skipped_exit);
    };
  });
  AddClearCommand(*command, context);
  AddListCommand(*command, context);
  AddShowCommand(*command, context);
  AddRunsCommand(*command, context);
  AddTriggerCommand(*command, context);
  AddBackfillCommand(*command, context);
  AddPauseCommands(*command, context);
  AddCancelCommand(*command, context);
  AddApproveCommand(*command, context);
  AddTimesCommand(*command, context);
  AddExportCommand(*command, context);
}

}  // namespace smelt::app
