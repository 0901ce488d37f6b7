#include "serve/operations_routes.h"

#include <memory>
#include <mutex>
#include <utility>

namespace smelt::serve {
namespace {

HttpResponse Plain(int status, std::string body) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(body)};
}

HttpResponse Readiness(const OperationsService& service) {
  const Status ready = service.ready();
  if (ready) return Plain(200, "ready\n");
  // Anybody may ask: why it is not is in the log.
  return Plain(503, "not ready\n");
}

HttpResponse Metrics(const OperationsService& service) {
  auto text = service.metrics();
  if (!text) return ProblemOf(text.error());
  HttpResponse response = Plain(200, std::move(*text));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

}  // namespace

void AddOperationsRoutes(RouteTable& routes, const OperationsService& service) {
  routes.Add({.method = "GET",
              .pattern = "/healthz",
              .summary = "Says that the process lives.",
              .access = Access::kPublic,
              .handler = [](const HttpRequest&) { return Plain(200, "ok\n"); }});
  routes.Add({.method = "GET",
              .pattern = "/readyz",
              .summary = "Says whether it can do its work: its state can be read and it is not about to end.",
              .access = Access::kPublic,
              .handler = [service](const HttpRequest&) { return Readiness(service); }});
  // However many ask at once, the lake is looked at by one.
  auto turn = std::make_shared<std::mutex>();
  routes.Add({.method = "GET",
              .pattern = "/metrics",
              .summary = "Gives the metrics of the lake and its pipelines to Prometheus.",
              .handler = [service, turn](const HttpRequest&) {
                const std::lock_guard guard(*turn);
                return Metrics(service);
              }});
}

}  // namespace smelt::serve
