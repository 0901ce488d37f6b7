#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "app/internal/alert_pump.h"
#include "app/internal/command.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/pipelines/definition_check.h"
#include "app/internal/pipelines/http_door.h"
#include "app/internal/pipelines/lake_tasks.h"
#include "app/internal/pipelines/scheduler_log.h"
#include "app/internal/run_exports.h"
#include "app/internal/tasks.h"
#include "base/config.h"
#include "base/log.h"
#include "pipeline/scheduler.h"
#include "state/schedule_store.h"

namespace smelt::app {
namespace {

struct SchedulerRequest {
  std::string data_dir;
  int runs_max = 8;
  std::string lease = "10s";
  int http_port = -1;  ///< -1: none
  std::string bind = "127.0.0.1";
};

/// The log folder of "schema.table" in a local lake; commits to a bucket cannot be seen from here.
std::function<std::optional<std::string>(const std::string&)> LogFolders(const std::string& lake) {
  if (lake.find("://") != std::string::npos) return {};
  return [lake](const std::string& table) -> std::optional<std::string> {
    const std::size_t dot = table.find('.');
    return (std::filesystem::path(lake) / table.substr(0, dot) / table.substr(dot + 1) / "_delta_log").string();
  };
}

Result<std::int64_t> LeaseMs(const std::string& text) {
  SMELT_ASSIGN(const ConfigNode node, ConfigNode::ParseYaml(text, "--lease"));
  SMELT_ASSIGN(const std::int64_t milliseconds, node.AsDurationMs());
  constexpr std::int64_t kShortestMs = 500;
  if (milliseconds >= kShortestMs) return milliseconds;
  return Fail(Error(ErrorCode::kUsage, fmt::format("--lease {} is shorter than {} ms", text, kShortestMs)));
}

/// A run that nobody sees; alerts tell of an SLA while it is at work.
class WatchedRun : public UnseenRun {
 public:
  explicit WatchedRun(AlertPump& alerts) : alerts_(alerts) {}
  void SlaMissed(std::string_view task, std::int64_t due_us) override {
    static_cast<void>(task);
    static_cast<void>(due_us);
    alerts_.Wake();
  }

 private:
  AlertPump& alerts_;
};

Result<int> RunSchedulerCommand(CommandContext& context, const SchedulerRequest& request) {
  SMELT_ASSIGN(const ProjectConfig project, LoadProject(context.project_dir));
  Adopt(context, project);
  pipeline::SchedulerOptions options;
  SMELT_ASSIGN(options.lease_ms, LeaseMs(request.lease));
  SMELT_ASSIGN(auto engine, OpenLake(context, engine::MissingLake::kMake));
  SMELT_ASSIGN(const state::StoreAddress address, StateAddress(context));
  SMELT_ASSIGN(auto runs, state::RunStore::Open(address));
  state::ScheduleStore store(*runs);
  pipeline::Pools pools(project.pools, *runs);
  const TaskServices services{*engine, project, request.data_dir,           "",    context.threads,
                              false,   &store,  RunLogFolder(context.lake), &pools};
  pipeline::TaskRegistry registry;
  RegisterTasks(registry, services);
  options.log_of = LogFolders(context.lake);
  const DefinitionPlace place{project, registry, pools, static_cast<bool>(options.log_of)};
  SMELT_TRY(CheckDefinitions(place));
  options.check = [&place](const pipeline::Pipeline& definition) { return CheckDefinition(definition, place); };
  options.project = project.name;
  options.project_dir = project.dir;
  options.folder = project.pipelines;
  options.runs_max = request.runs_max;
  options.heard = [&pools] { pools.Hear(); };
  StartLog(context.lake);
  SchedulerLog log(context.json);
  SMELT_TRY(RunExports::CheckSettings(project));
  AlertPump alerts(context, project, *engine);
  std::unique_ptr<HttpDoor> door;
  if (request.http_port >= 0) {
    SMELT_ASSIGN(door, HttpDoor::Open({.context = context,
                                       .project = project,
                                       .engine = *engine,
                                       .check = options.check,
                                       .address = request.bind,
                                       .port = static_cast<std::uint16_t>(request.http_port)}));
    log.Listening(door->url());
  }
  const pipeline::RunFunction run = [&](const pipeline::Pipeline& definition,
                                        pipeline::RunOptions run_options) -> Result<pipeline::RunReport> {
    WatchedRun observer(alerts);
    run_options.pools = &pools;
    run_options.query = LakeQuery(*engine);
    LineageSources sources{.engine = *engine, .project = project, .data_dir = request.data_dir};
    sources.vars = run_options.vars;
    sources.scheduled_us = run_options.scheduled_us;
    // Settings that were right when the scheduler began and are wrong now stop no run.
    const auto exports = RunExports::Make(std::move(sources), observer);
    if (!exports) Log(LogLevel::kError, "export.refused", {{"error", exports.error().ToString()}});
    auto report = pipeline::RunPipeline(definition, registry, *runs, run_options,
                                        exports ? (*exports)->observer() : observer, {});
    if (exports) (*exports)->Finish({});
    alerts.Wake();
    return report;
  };
  SMELT_TRY(pipeline::RunScheduler(store, options, run, log, context.stop));
  return 0;
}

}  // namespace

void AddSchedulerCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("scheduler", "Run the pipelines of a project when they are due");
  command->footer(
      "SIGTERM lets running tasks end and then the scheduler; what is left is gone on with by the next one.\n"
      "Several schedulers may share a lake: one leads, the others take over when it ends. Those of several machines "
      "share\n"
      "the database that 'state' in smelt.yml or SMELT_STATE names.\n"
      "With --http-port it takes calls for pipelines with `on: [http: …]`, and answers /healthz, /readyz and /metrics. "
      "Who calls\n"
      "sends the token of SMELT_HTTP_TOKEN or the secret of the pipeline; without any, only this machine may.\n"
      "Example: smelt scheduler --project-dir projects/olist --lake lake --http-port 8080");
  auto request = std::make_shared<SchedulerRequest>();
  command->add_option("--data", request->data_dir, "A folder with the source files, instead of the sources' own")
      ->type_name("DIR");
  command->add_option("--max-runs", request->runs_max, "How many pipelines may run side by side")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--lease", request->lease, "How long a scheduler that says nothing is waited for")
      ->type_name("DURATION")
      ->capture_default_str();
  constexpr int kPortMax = 65'535;
  auto* port = command->add_option("--http-port", request->http_port,
                                   "Take calls that begin runs, and serve /metrics, on this port; 0 is any free one");
  port->type_name("PORT")->check(CLI::Range(0, kPortMax));
  command->add_option("--bind", request->bind, "The address to listen on; another than this machine's wants a token")
      ->type_name("ADDRESS")
      ->capture_default_str()
      ->needs(port);
  AddProjectOption(*command, context);
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback(
      [&context, request] { context.action = [&context, request] { return RunSchedulerCommand(context, *request); }; });
}

}  // namespace smelt::app
