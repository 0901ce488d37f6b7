#include <fmt/format.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "app/internal/command.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/pipelines/http_door.h"
#include "app/internal/pipelines/scheduler_log.h"
#include "app/internal/pipelines/scheduler_work.h"
#include "app/internal/serving/doors.h"
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
  std::string spill_limit = "20GiB";
};

/// Bounds what statements put on disk for want of memory, all of them together.
Status LimitSpill(engine::Engine& engine, const std::string& limit) {
  SMELT_ASSIGN(const auto session, engine.Connect());
  const Status set = session->Execute("set global max_temp_directory_size = " + engine::QuoteLiteral(limit));
  if (set) return {};
  return Fail(Error(ErrorCode::kUsage, fmt::format("--spill-limit: '{}' is no size", limit)).Hint("write 20GiB"));
}

/// Sleeps until the program is asked to stop.
void AwaitStop(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, stop, [&stop] { return stop.stop_requested(); });
}

Result<int> RunServeCommand(CommandContext& context, const ServeRequest& request) {
  SMELT_ASSIGN(const std::optional<ProjectConfig> project, FindProject(context));
  SMELT_ASSIGN(auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  SMELT_TRY(LimitSpill(*engine, request.spill_limit));
  StartLog(context.lake);
  std::unique_ptr<SchedulerWork> work;
  if (project && !request.without_scheduler) {
    SMELT_ASSIGN(work, SchedulerWork::Prepare(context, *project, *engine, request.work));
  }
  SMELT_ASSIGN(const Doors doors, PrepareDoors(context, request.doors));
  SMELT_ASSIGN(const auto parts,
               ServerParts::Make({.context = context, .project = project, .engine = *engine, .doors = doors}));
  SchedulerLog log(context.json);
  SMELT_ASSIGN(const auto door,
               HttpDoor::Open({.context = context,
                               .project = project,
                               .engine = *engine,
                               .check = work ? work->check() : nullptr,
                               .doors = doors,
                               .port = static_cast<std::uint16_t>(request.http_port),
                               .add_routes = [&parts](serve::RouteTable& routes) { parts->AddRoutes(routes); }}));
  serve::postgres::LakeCatalogSource catalog(*engine, *doors.authority);
  SMELT_ASSIGN(const auto postgres, serve::PostgresServer::Start(
                                        {.address = doors.bind, .port = static_cast<std::uint16_t>(request.pg_port)},
                                        {.engine = *engine,
                                         .authority = *doors.authority,
                                         .authenticator = *doors.authenticator,
                                         .catalog = &catalog,
                                         .tls = doors.tls,
                                         .demands_tls = doors.tls != nullptr && !serve::IsLoopback(doors.bind)}));
  log.Listening(door->url());
  log.Listening(fmt::format("postgresql://{}:{}/lake", doors.bind, postgres->port()));
  if (work) {
    SMELT_TRY(work->Run(log, context.stop));
  } else {
    AwaitStop(context.stop);
  }
  constexpr std::int64_t kGraceMs = 10'000;
  postgres->Stop(kGraceMs);
  return 0;
}

}  // namespace

void AddServeCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("serve", "Serve a lake to SQL clients, browsers and applications");
  command->footer(
      "With a project, its pipelines run when they are due, as with `smelt scheduler`.\n"
      "SIGTERM accepts nothing any more, lets what is at work end, and then the server.\n"
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
  command->add_option("--spill-limit", request->spill_limit, "Disk that statements may take for want of memory")
      ->type_name("SIZE")
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
