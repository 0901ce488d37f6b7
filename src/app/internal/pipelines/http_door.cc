#include "app/internal/pipelines/http_door.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "app/internal/metrics_report.h"
#include "app/internal/pipeline_runner.h"
#include "base/clock.h"
#include "base/log.h"
#include "serve/access/login_routes.h"
#include "serve/access_control.h"
#include "serve/openapi.h"
#include "serve/operations_routes.h"
#include "serve/pipeline_routes.h"
#include "serve/run_routes.h"

namespace smelt::app {

Result<std::unique_ptr<HttpDoor>> HttpDoor::Open(const Place& place) {
  std::unique_ptr<HttpDoor> door(new HttpDoor(place));
  SMELT_TRY(door->CheckSecrets());
  SMELT_TRY(door->Begin());
  return door;
}

/// A secret that is missing is said now, not when the first call comes, which is then refused. Where the port is not
/// for calls alone, all else goes on: who looks at the lake needs no secrets of its pipelines.
Status HttpDoor::CheckSecrets() const {
  if (!place_.project) return {};
  SMELT_ASSIGN(const auto pipelines, pipeline::LoadPipelines(place_.project->pipelines));
  for (const pipeline::Pipeline& pipeline : pipelines) {
    if (!pipeline.http) continue;
    for (const auto& secret : {pipeline.http->token, pipeline.http->signing_key}) {
      const auto read = secret ? std::optional(secret->Read()) : std::nullopt;
      if (!read || *read) continue;
      if (place_.for_calls_alone) return Fail(read->error());
      Log(LogLevel::kWarn, "http.secret.missing",
          {{"pipeline", pipeline.name}, {"error", read->error().ToString()}, {"effect", "it takes no calls"}});
    }
  }
  return {};
}

Status HttpDoor::Begin() {
  SMELT_ASSIGN(const state::StoreAddress address, StateAddress(place_.context));
  SMELT_ASSIGN(runs_, state::RunStore::Open(address));
  store_ = std::make_unique<state::ScheduleStore>(*runs_);
  const serve::AccessControl access(
      place_.doors.authenticator,
      place_.project ? serve::TriggersOf(place_.project->pipelines)
                     : [](std::string_view) -> std::optional<pipeline::HttpTrigger> { return {}; });
  serve::RouteTable routes;
  serve::AddLoginRoutes(routes, access);
  if (place_.project) {
    const serve::PipelineService pipelines{
        .store = *store_, .project = place_.project->name, .folder = place_.project->pipelines, .check = place_.check};
    serve::AddPipelineRoutes(routes, pipelines);
    serve::AddRunRoutes(routes, {.pipelines = pipelines, .log_folder = RunLogFolder(place_.context.lake)});
  }
  if (place_.add_routes) place_.add_routes(routes);
  serve::AddOperationsRoutes(routes, {.ready = [this]() -> Status {
                                        if (place_.ending.stop.stop_requested())
                                          return Fail(ErrorCode::kCancelled, "the server is about to end");
                                        SMELT_TRY(store_->Schedules());
                                        return {};
                                      },
                                      .metrics = [this, address]() -> Result<std::string> {
                                        SMELT_ASSIGN(std::string text,
                                                     MetricsText(place_.engine, address, place_.project, NowMicros()));
                                        if (place_.more_metrics) text += place_.more_metrics();
                                        return text;
                                      }});
  serve::AddDocumentRoutes(routes);
  SMELT_ASSIGN(
      server_,
      serve::HttpServer::Start(
          {.address = place_.doors.bind, .port = place_.port, .tls = place_.doors.tls, .counters = place_.counters},
          std::move(routes), [access](const serve::Route& route, serve::HttpRequest& request) {
            return access.Authorize(route, request);
          }));
  closer_.emplace(place_.ending.stop, [this] { server_->Stop(place_.grace_ms, place_.ending.over); });
  return {};
}

HttpDoor::~HttpDoor() = default;

std::string HttpDoor::url() const {
  const std::string& address = place_.doors.bind;
  const bool is_v6 = address.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}", place_.doors.tls ? "https" : "http", is_v6 ? "[" + address + "]" : address,
                     server_->port());
}

}  // namespace smelt::app
