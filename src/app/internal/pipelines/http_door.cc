#include "app/internal/pipelines/http_door.h"

#include <fmt/format.h>

#include <condition_variable>
#include <optional>
#include <utility>

#include "app/internal/metrics_report.h"
#include "app/internal/pipeline_runner.h"
#include "base/clock.h"
#include "serve/access/login_routes.h"
#include "serve/access_control.h"
#include "serve/openapi.h"
#include "serve/operations_routes.h"
#include "serve/pipeline_routes.h"
#include "serve/run_routes.h"

namespace smelt::app {
namespace {

constexpr std::int64_t kGraceMs = 5'000;

}  // namespace

Result<std::unique_ptr<HttpDoor>> HttpDoor::Open(const Place& place) {
  std::unique_ptr<HttpDoor> door(new HttpDoor(place));
  SMELT_TRY(door->CheckSecrets());
  SMELT_TRY(door->Begin());
  return door;
}

/// A secret that is missing is said now, not when the first call comes.
Status HttpDoor::CheckSecrets() const {
  if (!place_.project) return {};
  SMELT_ASSIGN(const auto pipelines, pipeline::LoadPipelines(place_.project->pipelines));
  for (const pipeline::Pipeline& pipeline : pipelines) {
    if (!pipeline.http) continue;
    if (pipeline.http->token) SMELT_TRY(pipeline.http->token->Read());
    if (pipeline.http->signing_key) SMELT_TRY(pipeline.http->signing_key->Read());
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
  serve::AddOperationsRoutes(
      routes,
      {.ready = [this]() -> Status {
         if (place_.context.stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the server is about to end");
         SMELT_TRY(store_->Schedules());
         return {};
       },
       .metrics = [this, address] { return MetricsText(place_.engine, address, place_.project, NowMicros()); }});
  serve::AddDocumentRoutes(routes);
  SMELT_ASSIGN(server_, serve::HttpServer::Start(
                            {.address = place_.doors.bind, .port = place_.port, .tls = place_.doors.tls},
                            std::move(routes), [access](const serve::Route& route, serve::HttpRequest& request) {
                              return access.Authorize(route, request);
                            }));
  closer_ = std::jthread([this](const std::stop_token& ended) {
    std::mutex mutex;
    std::condition_variable_any changed;
    const std::stop_callback wake(place_.context.stop, [&] {
      const std::lock_guard guard(mutex);
      changed.notify_all();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, ended, [this] { return place_.context.stop.stop_requested(); });
    lock.unlock();
    server_->Stop(kGraceMs);
  });
  return {};
}

HttpDoor::~HttpDoor() {
  closer_.request_stop();
  if (closer_.joinable()) closer_.join();
}

std::string HttpDoor::url() const {
  const std::string& address = place_.doors.bind;
  const bool is_v6 = address.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}", place_.doors.tls ? "https" : "http", is_v6 ? "[" + address + "]" : address,
                     server_->port());
}

}  // namespace smelt::app
