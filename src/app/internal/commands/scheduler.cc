#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>

#include "app/internal/command.h"
#include "app/internal/duration_option.h"
#include "app/internal/pipelines/http_door.h"
#include "app/internal/pipelines/scheduler_log.h"
#include "app/internal/pipelines/scheduler_work.h"
#include "app/internal/serving/grace.h"

namespace smelt::app {
namespace {

struct Request {
  SchedulerRequest work;
  int http_port = -1;  ///< -1: none
  std::string bind = "127.0.0.1";
  std::string grace{};  ///< empty: as long as it takes
};

Result<int> RunSchedulerCommand(CommandContext& context, const Request& request) {
  constexpr std::int64_t kRequestMs = 5'000;
  std::int64_t grace_ms = std::numeric_limits<std::int64_t>::max();
  if (!request.grace.empty()) {
    SMELT_ASSIGN(grace_ms, ReadDuration(request.grace, "--grace"));
  }
  const Grace grace(context.stop, context.signals->TakeSecond(), grace_ms);
  SMELT_ASSIGN(const std::optional<ProjectConfig> project, LoadProject(context.project_dir));
  Adopt(context, *project);
  SMELT_ASSIGN(auto engine, OpenLake(context, engine::MissingLake::kMake));
  SMELT_ASSIGN(const auto work, SchedulerWork::Prepare(context, *project, *engine, request.work));
  SchedulerLog log(context.json);
  std::unique_ptr<HttpDoor> door;
  if (request.http_port >= 0) {
    SMELT_ASSIGN(const Doors doors, PrepareDoors(context, {.bind = request.bind, .plain_elsewhere = true}));
    SMELT_ASSIGN(door, HttpDoor::Open({.context = context,
                                       .project = project,
                                       .engine = *engine,
                                       .check = work->check(),
                                       .doors = doors,
                                       .port = static_cast<std::uint16_t>(request.http_port),
                                       .ending = grace.ending(),
                                       .grace_ms = std::min(grace_ms, kRequestMs)}));
    log.Listening(door->url());
  }
  SMELT_TRY(work->Run(log, grace.ending()));
  return 0;
}

}  // namespace

void AddSchedulerCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("scheduler", "Run the pipelines of a project when they are due");
  command->footer(
      "SIGTERM lets running tasks end and then the scheduler; what is left is gone on with by the next one. A second\n"
      "SIGTERM, or the end of --grace, stops the tasks.\n"
      "Several schedulers may share a lake: one leads, the others take over when it ends. Those of several machines "
      "share\n"
      "the database that 'state' in smelt.yml or SMELT_STATE names.\n"
      "With --http-port it takes calls for pipelines with `on: [http: …]`, and answers /healthz, /readyz and /metrics. "
      "Who calls\n"
      "sends the token of SMELT_HTTP_TOKEN or the secret of the pipeline; without any, only this machine may.\n"
      "Example: smelt scheduler --project-dir projects/olist --lake lake --http-port 8080");
  auto request = std::make_shared<Request>();
  command->add_option("--data", request->work.data_dir, "A folder with the source files, instead of the sources' own")
      ->type_name("DIR");
  command->add_option("--max-runs", request->work.runs_max, "How many pipelines may run side by side")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--lease", request->work.lease, "How long a scheduler that says nothing is waited for")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_option("--grace", request->grace, "How long running tasks have from SIGTERM on; as long as they take")
      ->type_name("DURATION");
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
