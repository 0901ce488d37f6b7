#include <fmt/format.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "app/internal/command.h"
#include "app/internal/duration_option.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/pipelines/http_door.h"
#include "app/internal/pipelines/scheduler_log.h"
#include "app/internal/pipelines/scheduler_work.h"
#include "app/internal/serving/doors.h"
#include "app/internal/serving/engine_limits.h"
#include "app/internal/serving/grace.h"
#include "app/internal/serving/server_metrics.h"
#include "app/internal/serving/server_parts.h"
#include "serve/postgres/lake_catalog_source.h"
#include "serve/postgres_server.h"

namespace smelt::app {
namespace {

struct ServeRequest {
  SchedulerRequest work;
  int http_port = 8080;
  int pg_port = 5433;
  DoorSettings doors;
  bool without_scheduler = false;
  EngineLimits limits;
  std::string grace = "30s";
  std::string http_statement_timeout = "60s";
  std::string pg_statement_timeout = "10m";
};

/// The durations of the request in milliseconds.
struct Times {
  std::int64_t grace_ms = 0;
  std::int64_t http_statement_ms = 0;
  std::int64_t pg_statement_ms = 0;
};

Result<Times> ReadTimes(const ServeRequest& request) {
  Times times;
  SMELT_ASSIGN(times.grace_ms, ReadDuration(request.grace, "--grace"));
  SMELT_ASSIGN(times.http_statement_ms, ReadDuration(request.http_statement_timeout, "--http-statement-timeout"));
  SMELT_ASSIGN(times.pg_statement_ms, ReadDuration(request.pg_statement_timeout, "--pg-statement-timeout"));
  if (times.http_statement_ms > 0) return times;
  return Fail(Error(ErrorCode::kUsage, "--http-statement-timeout is no time at all").Hint("write 60s"));
}

/// Sleeps until the program is asked to stop.
void AwaitStop(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, stop, [&stop] { return stop.stop_requested(); });
}

Result<int> RunServeCommand(CommandContext& context, const ServeRequest& request) {
  SMELT_ASSIGN(const Times times, ReadTimes(request));
  const Grace grace(context.stop, context.signals->TakeSecond(), times.grace_ms);
  RaiseOpenFiles();
  const HeapTrimmer trimmer;
  SMELT_ASSIGN(const std::optional<ProjectConfig> project, FindProject(context));
  SMELT_ASSIGN(auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  EngineLimits limits = request.limits;
  limits.memory_is_given = !context.memory_limit.empty();
  SMELT_TRY(LimitEngine(*engine, limits));
  StartLog(context.lake);
  std::unique_ptr<SchedulerWork> work;
  if (project && !request.without_scheduler) {
    SMELT_ASSIGN(work, SchedulerWork::Prepare(context, *project, *engine, request.work));
  }
  SMELT_ASSIGN(const Doors doors, PrepareDoors(context, request.doors));
  SMELT_ASSIGN(const auto parts, ServerParts::Make({.context = context,
                                                    .project = project,
                                                    .engine = *engine,
                                                    .doors = doors,
                                                    .statement_ms = times.http_statement_ms}));
  SchedulerLog log(context.json);
  const auto http_counters = std::make_shared<serve::DoorCounters>();
  const auto pg_counters = std::make_shared<serve::DoorCounters>();
  SMELT_ASSIGN(
      const auto door,
      HttpDoor::Open(
          {.context = context,
           .project = project,
           .engine = *engine,
           .check = work ? work->check() : nullptr,
           .doors = doors,
           .port = static_cast<std::uint16_t>(request.http_port),
           .ending = grace.ending(),
           .grace_ms = times.grace_ms,
           .add_routes = [&parts](serve::RouteTable& routes) { parts->AddRoutes(routes); },
           .more_metrics = [&] { return ServerMetricsText(*parts, http_counters->counts(), pg_counters->counts()); },
           .for_calls_alone = false,
           .counters = http_counters}));
  serve::postgres::LakeCatalogSource catalog(*engine, *doors.authority);
  SMELT_ASSIGN(const auto postgres,
               serve::PostgresServer::Start({.address = doors.bind,
                                             .port = static_cast<std::uint16_t>(request.pg_port),
                                             .statement_ms_max = times.pg_statement_ms},
                                            {.engine = *engine,
                                             .authority = *doors.authority,
                                             .authenticator = *doors.authenticator,
                                             .catalog = &catalog,
                                             .tls = doors.tls,
                                             .demands_tls = doors.tls != nullptr && !serve::IsLoopback(doors.bind),
                                             .counters = pg_counters}));
  log.Listening(door->url());
  log.Listening(fmt::format("postgresql://{}:{}/lake", doors.bind, postgres->port()));
  const AtStop closes(context.stop, [&] { postgres->Stop(times.grace_ms, grace.ending().over); });
  if (work) {
    SMELT_TRY(work->Run(log, grace.ending()));
  } else {
    AwaitStop(context.stop);
  }
  return 0;
}

}  // namespace

void AddServeCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("serve", "Serve a lake to SQL clients, browsers and applications");
  command->footer(
      "With a project, its pipelines run when they are due, as with `smelt scheduler`.\n"
      "SIGTERM accepts nothing any more, lets what is at work end for --grace, and then ends it; a second one does "
      "that\n"
      "at once. Nothing is half-written, and runs of pipelines are gone on with by the next server.\n"
      "Example: smelt serve --lake lake --project-dir projects/olist");
  auto request = std::make_shared<ServeRequest>();
  constexpr int kPortMax = 65'535;
  command->add_option("--pg-port", request->pg_port, "The port of PostgreSQL's protocol; 0 is any free one")
      ->type_name("PORT")
      ->check(CLI::Range(0, kPortMax))
      ->capture_default_str();
  command->add_option("--http-port", request->http_port, "The port of HTTP; 0 is any free one")
      ->type_name("PORT")
      ->check(CLI::Range(0, kPortMax))
      ->capture_default_str();
  AddDoorOptions(*command, request->doors);
  command->add_option("--spill-limit", request->limits.spill_limit, "Disk that statements may take for want of memory")
      ->type_name("SIZE")
      ->capture_default_str();
  command
      ->add_option("--http-statement-timeout", request->http_statement_timeout,
                   "How long a statement may take that comes by HTTP and says nothing of it")
      ->type_name("DURATION")
      ->capture_default_str();
  command
      ->add_option("--pg-statement-timeout", request->pg_statement_timeout,
                   "The same by PostgreSQL's protocol, where clients SET statement_timeout; 0s is no bound")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_option("--grace", request->grace, "How long what is at work has from SIGTERM on")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_flag("--no-scheduler", request->without_scheduler, "Begin no pipelines by their schedules");
  command->add_option("--data", request->work.data_dir, "A folder with the source files, instead of the sources' own")
      ->type_name("DIR");
  AddProjectOption(*command, context);
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback(
      [&context, request] { context.action = [&context, request] { return RunServeCommand(context, *request); }; });
}

}  // namespace smelt::app
