#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "app/internal/pipelines/commands.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/id.h"
#include "pipeline/definition.h"

namespace smelt::app {
namespace {

/// Says what was done, as an object with --json.
int Answer(const CommandContext& context, const std::string& text, const Json& object) {
  std::cout << (context.json ? JsonText(object) : text) << "\n";
  return 0;
}

Result<int> Trigger(CommandContext& context, const std::string& name, const std::vector<std::string>& vars) {
  SMELT_ASSIGN(const PipelineDesk desk, OpenDesk(context));
  SMELT_ASSIGN(const pipeline::Pipeline pipeline, pipeline::FindPipeline(desk.project.pipelines, name));
  state::QueueEntry entry;
  for (const std::string& text : vars) SMELT_TRY(AddVariable(text, "--var", entry.run.parameters));
  SMELT_TRY(pipeline::BindParams(pipeline.params, entry.run.parameters));
  entry.run.id = NewRunId();
  entry.run.pipeline = pipeline.name;
  entry.run.project = desk.project.name;
  entry.run.triggered_by = "request";
  entry.run.started_us = NowMicros();
  SMELT_ASSIGN(entry.run.definition, desk.store->SaveDefinition(pipeline.name, pipeline.file, pipeline.content));
  SMELT_TRY(desk.store->Enqueue(entry, nullptr));
  return Answer(context, fmt::format("{} waits as run {}: `smelt scheduler` begins it", name, entry.run.id),
                {{"pipeline", name}, {"run_id", entry.run.id}, {"status", "queued"}});
}

Result<int> SetPaused(CommandContext& context, const std::string& name, bool paused) {
  SMELT_ASSIGN(const PipelineDesk desk, OpenDesk(context));
  SMELT_TRY(pipeline::FindPipeline(desk.project.pipelines, name));
  SMELT_TRY(desk.store->SetPaused(name, paused));
  return Answer(context,
                paused ? fmt::format("{} begins no runs by itself until `smelt pipeline resume {}`", name, name)
                       : fmt::format("{} runs by its schedule again", name),
                {{"pipeline", name}, {"paused", paused}});
}

std::string UserName() {
  if (const char* name = std::getenv("USER"); name != nullptr && *name != '\0') return name;
  const passwd* entry = getpwuid(geteuid());
  return entry == nullptr ? std::to_string(geteuid()) : entry->pw_name;
}

Result<int> Cancel(CommandContext& context, const std::string& run_id) {
  SMELT_ASSIGN(const PipelineDesk desk, OpenDesk(context));
  SMELT_ASSIGN(const bool withdrawn, desk.store->Withdraw(run_id));
  if (withdrawn) {
    return Answer(context, fmt::format("run {} waits no more", run_id), {{"run_id", run_id}, {"status", "withdrawn"}});
  }
  SMELT_ASSIGN(const auto run, desk.runs->FindRun(run_id));
  if (!run) {
    return Fail(
        Error(ErrorCode::kUsage, fmt::format("there is no run {}", run_id)).Hint("`smelt pipeline runs` lists them"));
  }
  bool cancelled = false;
  if (run->triggered_by != "manual" && run->parent.empty()) {
    SMELT_ASSIGN(cancelled, desk.store->Cancel(run_id, UserName()));
  }
  if (cancelled) {
    return Answer(context, fmt::format("the tasks of run {} are being stopped", run_id),
                  {{"run_id", run_id}, {"status", "cancelling"}});
  }
  return Fail(Error(ErrorCode::kUsage, fmt::format("run {} is {}", run_id, state::RunStatusText(run->status)))
                  .Hint("only runs that wait, or that a scheduler has at work, are cancelled"));
}

struct ApproveRequest {
  std::string run_id;
  std::string task;
  bool reject = false;
  std::string comment;
};

Result<int> Approve(CommandContext& context, const ApproveRequest& request) {
  SMELT_ASSIGN(const PipelineDesk desk, OpenDesk(context));
  SMELT_ASSIGN(const auto run, desk.runs->FindRun(request.run_id));
  if (!run) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("there is no run {}", request.run_id))
                    .Hint("`smelt pipeline runs` lists them"));
  }
  SMELT_ASSIGN(const auto tasks, desk.runs->Tasks(request.run_id));
  std::vector<std::string_view> names;
  for (const state::TaskRecord& task : tasks) {
    const bool waits = task.type == "approval" && task.status == state::TaskStatus::kRunning;
    if (waits) names.push_back(task.name);
  }
  if (std::ranges::find(names, request.task) == names.end()) {
    return Fail(
        Error(ErrorCode::kUsage, fmt::format("no task '{}' of run {} waits for approval", request.task, run->id))
            .Hint(names.empty() ? "none of its tasks does" : fmt::format("those that do: {}", fmt::join(names, ", "))));
  }
  const state::Approval approval{
      .approved = !request.reject, .by = UserName(), .comment = request.comment, .at_us = NowMicros()};
  SMELT_TRY(desk.store->Approve(run->id, request.task, approval));
  return Answer(context,
                fmt::format("{} of run {} is {}", request.task, run->id, request.reject ? "rejected" : "approved"),
                {{"run_id", run->id}, {"task", request.task}, {"approved", approval.approved}, {"by", approval.by}});
}

}  // namespace

void AddTriggerCommand(CLI::App& pipeline, CommandContext& context) {
  auto* trigger = pipeline.add_subcommand("trigger", "Queue a run for the scheduler");
  trigger->footer("Example: smelt pipeline trigger daily --param day=2018-05-24 --lake lake");
  auto name = std::make_shared<std::string>();
  auto vars = std::make_shared<std::vector<std::string>>();
  trigger->add_option("name", *name, "The pipeline")->required();
  trigger->add_option("--param,--var", *vars, "A param or variable for the tasks, name=value");
  AddProjectOption(*trigger, context);
  AddLakeOption(*trigger, context);
  AddJsonOption(*trigger, context);
  trigger->callback(
      [&context, name, vars] { context.action = [&context, name, vars] { return Trigger(context, *name, *vars); }; });
}

void AddPauseCommands(CLI::App& pipeline, CommandContext& context) {
  for (const bool paused : {true, false}) {
    auto* command = paused ? pipeline.add_subcommand("pause", "Let a pipeline begin no runs by itself")
                           : pipeline.add_subcommand("resume", "Let a paused pipeline run by its schedule again");
    command->footer(fmt::format("Example: smelt pipeline {} daily --lake lake", paused ? "pause" : "resume"));
    auto name = std::make_shared<std::string>();
    command->add_option("name", *name, "The pipeline")->required();
    AddProjectOption(*command, context);
    AddLakeOption(*command, context);
    AddJsonOption(*command, context);
    command->callback([&context, name, paused] {
      context.action = [&context, name, paused] { return SetPaused(context, *name, paused); };
    });
  }
}

void AddCancelCommand(CLI::App& pipeline, CommandContext& context) {
  auto* cancel =
      pipeline.add_subcommand("cancel", "Take a run out of the queue, or end one that a scheduler has at work");
  cancel->footer(
      "Running tasks are stopped, and nobody goes on with the run by itself.\n"
      "Example: smelt pipeline cancel 20181017T060000Z-3f9a2c --lake lake");
  auto run_id = std::make_shared<std::string>();
  cancel->add_option("run", *run_id, "The run")->required();
  AddProjectOption(*cancel, context);
  AddLakeOption(*cancel, context);
  AddJsonOption(*cancel, context);
  cancel->callback([&context, run_id] { context.action = [&context, run_id] { return Cancel(context, *run_id); }; });
}

void AddApproveCommand(CLI::App& pipeline, CommandContext& context) {
  auto* approve = pipeline.add_subcommand("approve", "Approve a task that waits for it, or reject it");
  approve->footer(
      "Example: smelt pipeline approve 20181017T060000Z-3f9a2c publish --comment 'figures are right' --lake lake");
  auto request = std::make_shared<ApproveRequest>();
  approve->add_option("run", request->run_id, "The run")->required();
  approve->add_option("task", request->task, "Its task of type approval")->required();
  approve->add_flag("--reject", request->reject, "Reject it: the task fails");
  approve->add_option("--comment", request->comment, "Why; kept with the run");
  AddProjectOption(*approve, context);
  AddLakeOption(*approve, context);
  AddJsonOption(*approve, context);
  approve->callback(
      [&context, request] { context.action = [&context, request] { return Approve(context, *request); }; });
}

}  // namespace smelt::app
