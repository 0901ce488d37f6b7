#include "app/internal/pipeline_runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "app/internal/pipelines/definition_check.h"
#include "app/internal/pipelines/lake_tasks.h"
#include "app/internal/run_exports.h"
#include "app/internal/tasks.h"
#include "app/internal/terminal/progress_view.h"
#include "app/internal/terminal/report_view.h"
#include "app/internal/terminal/text.h"
#include "base/log.h"
#include "pipeline/run.h"
#include "state/schedule_store.h"

namespace smelt::app {
namespace {

/// So many failures get a command of their own.
constexpr std::size_t kLookMax = 2;

}  // namespace

std::string RunLogFolder(const std::string& lake) {
  return (std::filesystem::path(StatePath(lake)).parent_path() / "logs").string();
}

std::string PoolPath(const std::string& lake) {
  return StatePath(lake) + ".pool";
}

void StartLog(const std::string& lake) {
  (void)LogTo(RunLogFolder(lake) + "/smelt.log", LogLevel::kInfo);
}

Result<pipeline::RunReport> RunProjectPipeline(const CommandContext& context, engine::Engine& engine,
                                               const PipelineRequest& request, ProgressView& progress) {
  StartLog(context.lake);
  SMELT_ASSIGN(pipeline::Pipeline definition, pipeline::FindPipeline(request.project.pipelines, request.name));
  SMELT_ASSIGN(const state::StoreAddress address, StateAddress(context));
  SMELT_ASSIGN(auto state, state::RunStore::Open(address));
  state::ScheduleStore store(*state);
  pipeline::Pools pools(request.project.pools, PoolPath(context.lake));
  TaskServices services{engine,          request.project,      request.data_dir, request.target_dir,
                        context.threads, request.full_refresh, &store,           RunLogFolder(context.lake),
                        &pools};
  pipeline::TaskRegistry registry;
  RegisterTasks(registry, services);
  SMELT_TRY(CheckDefinition(definition, {request.project, registry, pools}));
  pipeline::RunOptions options;
  options.project = request.project.name;
  options.resume = request.resume;
  options.resume_from = request.resume_from;
  options.repeat_from = request.repeat_from;
  options.vars = request.vars;
  options.scheduled_us = request.scheduled_us;
  options.pools = &pools;
  options.query = LakeQuery(engine);
  SMELT_ASSIGN(options.definition, store.SaveDefinition(definition.name, definition.file, definition.content));
  SMELT_ASSIGN(const auto exports, RunExports::Make({.engine = engine,
                                                     .project = request.project,
                                                     .data_dir = request.data_dir,
                                                     .target_dir = request.target_dir,
                                                     .name_space = {},
                                                     .vars = request.vars},
                                                    progress));
  if (!request.task.empty()) {
    SMELT_ASSIGN(options.known, pipeline::OutcomesOf(definition, *state, request.scheduled_us));
    SMELT_ASSIGN(definition, pipeline::SelectTask(definition, request.task));
  }
  auto report = pipeline::RunPipeline(definition, registry, *state, options, exports->observer(), context.stop);
  progress.Stop();
  for (const std::string& complaint : exports->Finish(context.stop)) {
    if (!context.json && !context.json_log) std::cerr << OneLine(complaint) << "\n";
  }
  return report;
}

int PrintOutcome(const CommandContext& context, const pipeline::RunReport& report, const std::string& again) {
  if (context.json) return report.exit_code();
  Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  std::cout << RenderOutcome(report, terminal);
  if (!report.error) return 0;
  std::vector<StepResult> steps;
  for (const pipeline::TaskReport& task : report.tasks) {
    steps.insert(steps.end(), task.outcome.steps.begin(), task.outcome.steps.end());
  }
  std::vector<std::string> next = LookAtFailures(context, steps);
  next.push_back(again);
  std::cout << RenderNext(next, terminal);
  std::cout.flush();
  // On a terminal the table has shown it; elsewhere the table may be in a file.
  if (!terminal.interactive) ReportError(context, *report.error);
  return report.exit_code();
}

std::vector<std::string> LookAtFailures(const CommandContext& context, const std::vector<StepResult>& steps) {
  const std::string sql = "smelt sql --lake " + ShellWord(context.lake);
  std::vector<std::string> commands;
  for (const StepStatus status : {StepStatus::kFailed, StepStatus::kWarned}) {
    for (const StepResult& step : steps) {
      if (step.status != status || commands.size() == kLookMax) continue;
      const auto query = step.details.find("query");
      std::string command;
      if (step.kind == "suite") command = sql + " -c \"from quality.results where not success\"";
      if (query != step.details.end()) command = sql + " -f " + ShellWord(query->get<std::string>());
      if (command.empty() || std::ranges::find(commands, command) != commands.end()) continue;
      commands.push_back(std::move(command));
    }
  }
  return commands;
}

std::string ShellWord(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,~";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace smelt::app
