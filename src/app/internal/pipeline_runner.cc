#include "app/internal/pipeline_runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

#include "app/internal/alert_pump.h"
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

/// A run of whose lateness is told while it is at work; all that happens goes on to the one behind.
class TimedRun : public pipeline::PipelineObserver {
 public:
  TimedRun(pipeline::PipelineObserver& next, AlertPump& alerts) : next_(next), alerts_(alerts) {}

  void StepStarted(std::string_view name, std::string_view kind) override { next_.StepStarted(name, kind); }
  void StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) override {
    next_.StepProgress(name, done, total, unit);
  }
  void StepFinished(const StepResult& result) override { next_.StepFinished(result); }
  void RunStarted(std::string_view run_id, const pipeline::Pipeline& pipeline, std::string_view resumed_from) override {
    next_.RunStarted(run_id, pipeline, resumed_from);
  }
  void TaskStarted(std::string_view task, std::string_view type, int attempt) override {
    next_.TaskStarted(task, type, attempt);
  }
  void TaskRetrying(std::string_view task, int next_attempt, std::int64_t delay_ms, const Error& error) override {
    next_.TaskRetrying(task, next_attempt, delay_ms, error);
  }
  void TaskFinished(const pipeline::TaskReport& report) override { next_.TaskFinished(report); }
  void RunFinished(const pipeline::RunReport& report) override { next_.RunFinished(report); }
  void SlaMissed(std::string_view task, std::int64_t due_us) override {
    next_.SlaMissed(task, due_us);
    alerts_.Wake();
  }
  RunObserver& StepsOf(std::string_view task) override { return next_.StepsOf(task); }

 private:
  pipeline::PipelineObserver& next_;
  AlertPump& alerts_;
};

bool HasSla(const pipeline::Pipeline& definition) {
  return definition.sla_ms > 0 ||
         std::ranges::any_of(definition.tasks, [](const pipeline::TaskDefinition& task) { return task.sla_ms > 0; });
}

}  // namespace

std::string RunLogFolder(const std::string& lake) {
  return (std::filesystem::path(StatePath(lake)).parent_path() / "logs").string();
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
  pipeline::Pools pools(request.project.pools, *state);
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
  std::optional<AlertPump> alerts;
  std::optional<TimedRun> timed;
  if (HasSla(definition)) timed.emplace(exports->observer(), alerts.emplace(context, request.project, engine));
  pipeline::PipelineObserver& observer = timed ? *timed : exports->observer();
  auto report = pipeline::RunPipeline(definition, registry, *state, options, observer, context.stop);
  alerts.reset();
  progress.Stop();
  for (const std::string& complaint : exports->Finish(context.stop)) {
    if (!context.json && !context.json_log) std::cerr << OneLine(complaint) << "\n";
  }
  return report;
}

int PrintOutcome(const CommandContext& context, const pipeline::RunReport& report, const Prices& prices,
                 const std::string& again) {
  if (context.json) return report.exit_code();
  Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  std::cout << RenderOutcome(report, prices, terminal);
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
