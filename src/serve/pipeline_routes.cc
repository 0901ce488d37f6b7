#include "serve/pipeline_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/digest.h"
#include "base/id.h"
#include "base/log.h"
#include "serve/internal/run_request.h"
#include "serve/internal/run_text.h"

namespace smelt::serve {
namespace {

/// More runs of a pipeline that were called for do not wait: then whoever calls has to.
constexpr std::int64_t kWaitingMax = 1'000;
constexpr std::size_t kKeyBytesMax = 255;

/// The key under which a call is known. Of a signed call it is the id that is signed: with a key that is not, it could
/// be made again.
std::expected<std::string, HttpResponse> KeyOf(const HttpRequest& request) {
  if (request.caller == "signature") return fmt::format("webhook-id:{}", request.Header("webhook-id").value_or(""));
  const auto key = request.Header("idempotency-key");
  if (!key) return "";
  const bool printable = std::ranges::all_of(*key, [](char byte) { return byte > ' ' && byte <= '~'; });
  if (key->empty() || key->size() > kKeyBytesMax || !printable) {
    return std::unexpected(
        Problem(400, fmt::format("Idempotency-Key must have 1 to {} printable characters", kKeyBytesMax)));
  }
  return fmt::format("key:{}", *key);
}

HttpResponse Answer(const state::CallOutcome& outcome, const std::string& pipeline) {
  switch (outcome.kind) {
    case state::CallOutcome::Kind::kDifferent:
      return Problem(422, "this Idempotency-Key was used for another request", {{"run_id", outcome.run_id}});
    case state::CallOutcome::Kind::kFull: {
      HttpResponse full = Problem(429, fmt::format("{} runs of the pipeline '{}' are waiting", kWaitingMax, pipeline));
      full.headers.emplace_back("Retry-After", "10");
      return full;
    }
    default: break;
  }
  const std::string address = internal::RunAddress(pipeline, outcome.run_id);
  HttpResponse response = JsonResponse(202, {{"run_id", outcome.run_id}, {"pipeline", pipeline}, {"url", address}});
  response.headers.emplace_back("Location", address);
  if (outcome.kind == state::CallOutcome::Kind::kRepeated)
    response.headers.emplace_back("Idempotency-Replayed", "true");
  return response;
}

/// The pipeline that a call names, if it takes calls and is right.
std::expected<pipeline::Pipeline, HttpResponse> FindCallable(const PipelineService& service, const std::string& name) {
  auto pipeline = pipeline::FindPipeline(service.folder, name);
  if (!pipeline && pipeline.error().code() == ErrorCode::kPipelineNotFound)
    return std::unexpected(Problem(404, fmt::format("there is no pipeline '{}'", name)));
  if (pipeline && !pipeline->http) {
    return std::unexpected(Problem(403, fmt::format("the pipeline '{}' takes no calls", name),
                                   {{"hint", "add `- http:` to 'on' in its file"}}));
  }
  const Status right = pipeline && service.check ? service.check(*pipeline) : Status();
  if (!pipeline || !right) {
    Log(LogLevel::kError, "http.definition.refused",
        {{"error", (pipeline ? right.error() : pipeline.error()).ToString()}});
    return std::unexpected(
        Problem(503, fmt::format("the definition of the pipeline '{}' has a mistake, which is in the log", name)));
  }
  return std::move(*pipeline);
}

HttpResponse StartRun(const PipelineService& service, const HttpRequest& request) {
  const std::string& name = request.path_values.at("name");
  const auto pipeline = FindCallable(service, name);
  if (!pipeline) return pipeline.error();
  auto key = KeyOf(request);
  if (!key) return key.error();
  auto wanted = internal::ReadRunRequest(request, *pipeline);
  if (!wanted) return wanted.error();
  state::QueueEntry entry;
  entry.run.id = NewRunId();
  entry.run.pipeline = name;
  entry.run.project = service.project;
  entry.run.triggered_by = "http";
  entry.run.started_us = NowMicros();
  entry.run.parameters = wanted->params;
  auto definition = service.store.SaveDefinition(name, pipeline->file, pipeline->content);
  if (!definition) return ProblemOf(definition.error());
  entry.run.definition = std::move(*definition);
  Json asked = {{"params", wanted->params}, {"note", wanted->note}};
  if (wanted->is_notification) asked["note"] = Json();
  const state::Call call{.idempotency_key = std::move(*key),
                         .digest = Sha256Hex(JsonText(asked)),
                         .caller = request.caller,
                         .note = std::move(wanted->note),
                         .may_join = wanted->is_notification};
  const auto outcome = service.store.EnqueueCall(entry, call, kWaitingMax);
  return outcome ? Answer(*outcome, name) : ProblemOf(outcome.error());
}

HttpResponse TellRun(const PipelineService& service, const HttpRequest& request) {
  const std::string& name = request.path_values.at("name");
  const std::string& id = request.path_values.at("id");
  const auto run = service.store.runs().FindRun(id);
  if (!run) return ProblemOf(run.error());
  if (!*run || (*run)->pipeline != name)
    return Problem(404, fmt::format("the pipeline '{}' has no run '{}'", name, id));
  const auto standing = internal::StandingOf(service.store, **run);
  return standing ? JsonResponse(200, *standing) : ProblemOf(standing.error());
}

}  // namespace

void AddPipelineRoutes(RouteTable& routes, const PipelineService& service) {
  routes.Add({.method = "POST",
              .pattern = "/api/v1/pipelines/{name}/runs",
              .summary = "Begins a run of a pipeline that takes calls.",
              .access = Access::kPipeline,
              .handler = [service](const HttpRequest& request) { return StartRun(service, request); }});
  routes.Add({.method = "GET",
              .pattern = "/api/v1/pipelines/{name}/runs/{id}",
              .summary = "Tells how a run stands, and its tasks.",
              .access = Access::kPipeline,
              .handler = [service](const HttpRequest& request) { return TellRun(service, request); }});
}

AccessControl::FindTrigger TriggersOf(std::string folder) {
  return [folder = std::move(folder)](std::string_view name) -> std::optional<pipeline::HttpTrigger> {
    const auto pipeline = pipeline::FindPipeline(folder, name);
    return pipeline ? pipeline->http : std::nullopt;
  };
}

}  // namespace smelt::serve
