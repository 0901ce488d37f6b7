#include <unistd.h>

#include <iostream>

#include "app/internal/command.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/pipelines/commands.h"
#include "app/internal/terminal/progress_view.h"

namespace smelt::app {
namespace {

Result<int> RunNamed(CommandContext& context, PipelineRequest request) {
  SMELT_ASSIGN(request.project, LoadProject(context.project_dir));
  Adopt(context, request.project);
  SMELT_ASSIGN(auto engine, OpenLake(context, engine::MissingLake::kMake));
  ProgressView progress(ProgressTo(STDOUT_FILENO, context.json));
  SMELT_ASSIGN(auto report, RunProjectPipeline(context, *engine, request, progress));
  std::string again = "smelt pipeline run " + ShellWord(request.name);
  if (context.project_dir != ".") again += " --project-dir " + ShellWord(context.project_dir);
  again += " --lake " + ShellWord(context.lake);
  if (!request.data_dir.empty()) again += " --data " + ShellWord(request.data_dir);
  return PrintOutcome(context, report, again + " --resume");
}

/// "name=value": the value as JSON where it is some, else as text.
Status AddVariable(const std::string& text, Json& vars) {
  std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return Fail(ErrorCode::kUsage, "--var wants name=value, not '" + text + "'");
  }
  std::string value = text.substr(equals + 1);
  auto json = ParseJson(value, "--var");
  vars[text.substr(0, equals)] = json ? *json : Json(value);
  return {};
}

}  // namespace

void AddPipelineCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("pipeline", "Run the pipelines of a project");
  command->require_subcommand(1);
  command->footer("Example: smelt pipeline run daily --project-dir projects/olist --lake lake --data landing");
  auto* run = command->add_subcommand("run", "Run a pipeline now");
  run->footer("Example: smelt pipeline run daily --project-dir projects/olist --lake lake --data landing");
  auto request = std::make_shared<PipelineRequest>();
  auto vars = std::make_shared<std::vector<std::string>>();
  run->add_option("name", request->name, "The pipeline: a file of the project's pipelines folder")->required();
  run->add_option("--data", request->data_dir, "A folder with the source files, instead of the sources' own")
      ->type_name("DIR");
  run->add_flag("--resume", request->resume, "Go on with the last run from the task that failed");
  run->add_flag("--full-refresh", request->full_refresh, "Build everything anew from bronze");
  run->add_option("--var", *vars, "A variable for the tasks, name=value");
  AddProjectOption(*run, context);
  AddLakeOptions(*run, context);
  AddJsonOption(*run, context);
  run->callback([&context, request, vars] {
    context.action = [&context, request, vars]() -> Result<int> {
      for (const std::string& text : *vars) SMELT_TRY(AddVariable(text, request->vars));
      return RunNamed(context, *request);
    };
  });
  AddTimesCommand(*command, context);
}

}  // namespace smelt::app
