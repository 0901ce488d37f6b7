#include "app/internal/tasks.h"

#include <fmt/format.h>

#include "app/internal/catalog_file.h"
#include "app/internal/data_tasks.h"
#include "app/internal/exports/export_task.h"
#include "app/internal/notify_task.h"
#include "app/internal/pipelines/lake_tasks.h"
#include "app/internal/pipelines/scheduler_log.h"
#include "app/internal/report_task.h"
#include "base/clock.h"
#include "pipeline/run.h"
#include "pipeline/tasks.h"

namespace smelt::app {
namespace {

using pipeline::SettingKind;
using pipeline::TaskContext;
using pipeline::TaskOutcome;

Result<TaskOutcome> RefreshMetadata(const TaskServices& services, const TaskContext& context) {
  double begin = MonotonicSeconds();
  SMELT_ASSIGN(bool changed, RefreshCatalogFile(services.engine, services.project.name));
  StepResult step;
  step.name = "catalog";
  step.kind = "metadata";
  step.status = changed ? StepStatus::kDone : StepStatus::kNothing;
  step.seconds = MonotonicSeconds() - begin;
  context.observer.StepStarted(step.name, step.kind);
  context.observer.StepFinished(step);
  TaskOutcome outcome;
  outcome.status = step.status;
  outcome.steps = {step};
  return outcome;
}

/// Runs a pipeline of the project as a task of another, with a run of its own.
Result<TaskOutcome> RunSubPipeline(const TaskServices& services, const pipeline::TaskRegistry& registry,
                                   const TaskContext& context) {
  SMELT_ASSIGN(const std::string name, context.with.Find("name")->AsString());
  SMELT_ASSIGN(const pipeline::Pipeline definition, pipeline::FindPipeline(services.project.pipelines, name));
  pipeline::RunOptions options;
  options.project = services.project.name;
  options.triggered_by = "pipeline";
  options.scheduled_us = context.scheduled_us;
  options.pools = services.pools;
  options.query = LakeQuery(services.engine);
  // What an earlier try at this task has begun is gone on with.
  options.parent = fmt::format("{}/{}", context.origin, context.task);
  SMELT_ASSIGN(const auto begun, services.store->runs().LastChild(options.parent));
  if (begun && begun->status == state::RunStatus::kSucceeded) {
    TaskOutcome done;
    done.details = {{"run_id", begun->id}, {"pipeline", name}};
    return done;
  }
  if (begun) options.resume_from = begun->id;
  if (const auto params = context.with.Find("params")) options.vars = params->ToJson();
  SMELT_ASSIGN(options.definition,
               services.store->SaveDefinition(definition.name, definition.file, definition.content));
  UnseenRun observer;
  SMELT_ASSIGN(const pipeline::RunReport report,
               pipeline::RunPipeline(definition, registry, services.store->runs(), options, observer, context.stop));
  if (report.error) return Fail(Error(*report.error).Context(fmt::format("the pipeline '{}'", name)));
  TaskOutcome outcome;
  outcome.status = report.nothing_to_do() ? StepStatus::kNothing : StepStatus::kDone;
  for (const pipeline::TaskReport& task : report.tasks) {
    if (task.item_of.empty()) outcome.commits += task.outcome.commits;
  }
  outcome.details = {{"run_id", report.run_id}, {"pipeline", name}};
  return outcome;
}

}  // namespace

void RegisterTasks(pipeline::TaskRegistry& registry, const TaskServices& services) {
  RegisterDataTasks(registry, services);
  RegisterNotifyTask(registry, services.project);
  RegisterReportTask(registry, services.engine, services.project);
  RegisterExportTask(registry, services.engine, services.project);
  registry.Add({"metadata",
                "Refresh the lake's catalogue file, _smelt/catalog.json",
                {},
                [services](const TaskContext& context) { return RefreshMetadata(services, context); }});
  RegisterLakeTasks(registry, services.engine, services.project.dir);
  pipeline::RegisterGeneralTasks(
      registry, {.project_dir = services.project.dir, .log_dir = services.log_dir, .store = services.store});
  if (services.store == nullptr) return;
  registry.Add(
      {"pipeline",
       "Run another pipeline to its end",
       {{"name", SettingKind::kText, "the pipeline", true}, {"params", SettingKind::kMap, "its params and variables"}},
       [services, &registry](const TaskContext& context) { return RunSubPipeline(services, registry, context); }});
}

}  // namespace smelt::app
