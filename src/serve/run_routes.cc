#include "serve/run_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "pipeline/backfill.h"
#include "serve/internal/json_body.h"
#include "serve/internal/run_text.h"

namespace smelt::serve {
namespace {

constexpr std::int64_t kRunsMost = 500;
constexpr std::int64_t kRunsShown = 50;
constexpr std::int64_t kLastRuns = 20;
constexpr std::size_t kLogBytesMax = 1024 * 1024;

Json PipelineJson(const pipeline::Pipeline& pipeline, bool paused, const std::vector<state::RunRecord>& runs) {
  Json tasks = Json::array();
  for (const pipeline::TaskDefinition& task : pipeline.tasks) {
    tasks.push_back({{"name", task.name}, {"type", task.type}, {"needs", task.needs}});
  }
  Json last = Json::array();
  for (const state::RunRecord& run : runs) last.push_back(internal::RunJson(run));
  Json object = {
      {"name", pipeline.name},     {"description", pipeline.description},      {"paused", paused},
      {"tasks", std::move(tasks)}, {"takes_calls", pipeline.http.has_value()}, {"last_runs", std::move(last)}};
  if (const std::string when = pipeline.WhenText(); !when.empty()) object["schedule"] = when;
  return object;
}

HttpResponse ListPipelines(const RunService& service) {
  const auto files = pipeline::ListPipelineFiles(service.pipelines.folder);
  if (!files) return ProblemOf(files.error());
  const auto schedules = service.pipelines.store.Schedules();
  if (!schedules) return ProblemOf(schedules.error());
  Json pipelines = Json::array();
  Json faults = Json::array();
  for (const std::string& file : *files) {
    const auto pipeline = pipeline::LoadPipeline(file);
    if (!pipeline) {
      faults.push_back({{"file", std::filesystem::path(file).filename().string()},
                        {"code", CodeText(pipeline.error().code())},
                        {"line", pipeline.error().line()},
                        {"message", pipeline.error().message()}});
      continue;
    }
    const auto runs = service.pipelines.store.runs().ListRuns({.pipeline = pipeline->name, .limit = kLastRuns});
    if (!runs) return ProblemOf(runs.error());
    const auto schedule = schedules->find(pipeline->name);
    pipelines.push_back(PipelineJson(*pipeline, schedule != schedules->end() && schedule->second.paused, *runs));
  }
  return JsonResponse(200, {{"pipelines", std::move(pipelines)}, {"faults", std::move(faults)}});
}

HttpResponse ListRuns(const RunService& service, const HttpRequest& request) {
  state::RunFilter filter{.limit = kRunsShown};
  if (const auto pipeline = request.query.find("pipeline"); pipeline != request.query.end()) {
    filter.pipeline = pipeline->second;
  }
  if (const auto limit = request.query.find("limit"); limit != request.query.end()) {
    const std::string& text = limit->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), filter.limit);
    if (error != std::errc() || end != text.data() + text.size() || filter.limit < 1 || filter.limit > kRunsMost) {
      return Problem(400, fmt::format("limit is a number from 1 to {}", kRunsMost));
    }
  }
  const auto runs = service.pipelines.store.runs().ListRuns(filter);
  if (!runs) return ProblemOf(runs.error());
  Json list = Json::array();
  for (const state::RunRecord& run : *runs) list.push_back(internal::RunJson(run));
  return JsonResponse(200, {{"runs", std::move(list)}});
}

std::expected<state::RunRecord, HttpResponse> FindRun(const RunService& service, const HttpRequest& request) {
  const std::string& id = request.path_values.at("id");
  auto run = service.pipelines.store.runs().FindRun(id);
  if (!run) return std::unexpected(ProblemOf(run.error()));
  if (!*run) return std::unexpected(Problem(404, fmt::format("there is no run '{}'", id)));
  return std::move(**run);
}

std::string LogPath(const RunService& service, const state::TaskRecord& task) {
  return fmt::format("{}/{}/{}.{}.log", service.log_folder, task.run_id, task.name, task.attempt);
}

HttpResponse TellRun(const RunService& service, const HttpRequest& request) {
  const auto run = FindRun(service, request);
  if (!run) return run.error();
  auto standing = internal::StandingOf(service.pipelines.store, *run);
  if (!standing) return ProblemOf(standing.error());
  const auto tasks = service.pipelines.store.runs().Tasks(run->id);
  if (!tasks) return ProblemOf(tasks.error());
  std::error_code ignored;
  for (std::size_t at = 0; at < tasks->size() && at < (*standing)["tasks"].size(); ++at) {
    (*standing)["tasks"][at]["has_log"] = std::filesystem::exists(LogPath(service, (*tasks)[at]), ignored);
  }
  return JsonResponse(200, *standing);
}

/// What a task's command wrote: of long outputs the end.
HttpResponse TellLog(const RunService& service, const HttpRequest& request) {
  const auto run = FindRun(service, request);
  if (!run) return run.error();
  const auto tasks = service.pipelines.store.runs().Tasks(run->id);
  if (!tasks) return ProblemOf(tasks.error());
  const std::string& name = request.path_values.at("task");
  // Only names on record become a part of a path; the last attempt is the one to look at.
  const auto task =
      std::find_if(tasks->rbegin(), tasks->rend(), [&](const auto& record) { return record.name == name; });
  if (task == tasks->rend()) return Problem(404, fmt::format("the run has no task '{}'", name));
  const auto text = ReadWholeFile(LogPath(service, *task));
  if (!text) return Problem(404, "the task's output was not kept");
  HttpResponse response{.content_type = "text/plain; charset=utf-8"};
  response.body = text->size() > kLogBytesMax ? text->substr(text->size() - kLogBytesMax) : *text;
  return response;
}

/// Why a run cannot be cancelled here; nothing if it can.
std::string WhyNotHere(const state::RunRecord& run) {
  if (run.status != state::RunStatus::kRunning) return fmt::format("the run is {}", state::RunStatusText(run.status));
  if (!run.parent.empty()) {
    return fmt::format("the run is a part of the run {}: cancel that", run.parent.substr(0, run.parent.find('/')));
  }
  if (run.triggered_by == "manual") {
    return fmt::format("the run was begun by hand: interrupt the process {} on {}", run.pid, run.host);
  }
  return {};
}

HttpResponse Cancel(const RunService& service, const HttpRequest& request) {
  state::ScheduleStore& store = service.pipelines.store;
  const auto run = FindRun(service, request);
  if (!run) return run.error();
  const auto withdrawn = store.Withdraw(run->id);
  if (!withdrawn) return ProblemOf(withdrawn.error());
  if (*withdrawn) return JsonResponse(200, {{"run_id", run->id}, {"status", "withdrawn"}});
  // It may have begun since it was looked at.
  const auto now = store.runs().FindRun(run->id);
  if (!now) return ProblemOf(now.error());
  const state::RunRecord& standing = *now ? **now : *run;
  if (const std::string why = WhyNotHere(standing); !why.empty()) {
    return Problem(409, why, {{"status_of_run", state::RunStatusText(standing.status)}});
  }
  const auto cancelled = store.Cancel(run->id, request.caller);
  if (!cancelled) return ProblemOf(cancelled.error());
  if (!*cancelled) return Problem(409, "the run has ended meanwhile");
  return JsonResponse(202, {{"run_id", run->id}, {"status", "cancelling"}});
}

std::expected<pipeline::Pipeline, HttpResponse> FindPipeline(const RunService& service, const HttpRequest& request) {
  const std::string& name = request.path_values.at("name");
  auto pipeline = pipeline::FindPipeline(service.pipelines.folder, name);
  if (pipeline) return std::move(*pipeline);
  if (pipeline.error().code() == ErrorCode::kPipelineNotFound) {
    return std::unexpected(Problem(404, fmt::format("there is no pipeline '{}'", name)));
  }
  return std::unexpected(Problem(503, fmt::format("the definition of the pipeline '{}' has a mistake", name),
                                 {{"fault", pipeline.error().message()}}));
}

HttpResponse SetPaused(const RunService& service, const HttpRequest& request, bool paused) {
  const auto pipeline = FindPipeline(service, request);
  if (!pipeline) return pipeline.error();
  const Status done = service.pipelines.store.SetPaused(pipeline->name, paused);
  return done ? JsonResponse(200, {{"pipeline", pipeline->name}, {"paused", paused}}) : ProblemOf(done.error());
}

constexpr std::array<std::string_view, 5> kBackfillFields = {"from", "to", "all", "definition", "parameters"};

std::expected<pipeline::BackfillRequest, HttpResponse> ReadBackfill(const HttpRequest& request) {
  const auto body = internal::ReadJsonBody(request);
  if (!body) return std::unexpected(body.error());
  if (!body->is_object()) return std::unexpected(FieldProblems({{"", "the body must be an object"}}));
  std::vector<FieldProblem> wrong;
  for (const auto& [key, value] : body->items()) {
    if (std::ranges::find(kBackfillFields, key) == kBackfillFields.end()) {
      wrong.push_back({internal::PointerStep(key), "there is no such field"});
    }
  }
  pipeline::BackfillRequest wanted;
  for (const auto& [name, into] : {std::pair{"from", &wanted.from_us}, std::pair{"to", &wanted.to_us}}) {
    const Json given = body->value(name, Json());
    const auto time = given.is_string() ? ParseTimestampMicros(given.get<std::string>())
                                        : Result<std::int64_t>(Fail(ErrorCode::kUsage, "an ISO 8601 time is needed"));
    if (time) {
      *into = *time;
    } else {
      wrong.push_back({fmt::format("/{}", name), time.error().message()});
    }
  }
  const Json all = body->value("all", Json(false));
  if (!all.is_boolean()) wrong.push_back({"/all", "true or false is needed"});
  const Json definition = body->value("definition", Json("current"));
  if (definition != "current" && definition != "original")
    wrong.push_back({"/definition", "current or original is needed"});
  wanted.parameters = body->value("parameters", Json::object());
  if (!wanted.parameters.is_object()) wrong.push_back({"/parameters", "an object is needed"});
  if (!wrong.empty()) return std::unexpected(FieldProblems(wrong));
  wanted.all = all.get<bool>();
  wanted.as_then = definition == "original";
  return wanted;
}

HttpResponse StartBackfill(const RunService& service, const HttpRequest& request) {
  const auto pipeline = FindPipeline(service, request);
  if (!pipeline) return pipeline.error();
  const auto wanted = ReadBackfill(request);
  if (!wanted) return wanted.error();
  const auto backfill = pipeline::PlanBackfill(*pipeline, service.pipelines.store.runs(), *wanted);
  if (!backfill) {
    return backfill.error().code() == ErrorCode::kUsage ? Problem(422, backfill.error().message())
                                                        : ProblemOf(backfill.error());
  }
  const auto queued =
      pipeline::QueueBackfill(*pipeline, service.pipelines.project, service.pipelines.store, *wanted, *backfill);
  return queued ? JsonResponse(202, {{"pipeline", pipeline->name}, {"queued", *queued}}) : ProblemOf(queued.error());
}

const Json kAnything = {{"type", "object"}};

Json BackfillSchema() {
  const Json time = {{"type", "string"}, {"format", "date-time"}};
  return {{"type", "object"},
          {"required", {"from", "to"}},
          {"additionalProperties", false},
          {"properties",
           {{"from", time},
            {"to", time},
            {"all", {{"type", "boolean"}}},
            {"definition", {{"enum", {"current", "original"}}}},
            {"parameters", kAnything}}}};
}

Route Shown(std::string pattern, std::string id, std::string summary, const RunService& service,
            HttpResponse (*handler)(const RunService&, const HttpRequest&)) {
  Route route{.method = "GET", .pattern = std::move(pattern), .summary = std::move(summary)};
  route.id = std::move(id);
  route.tag = "pipelines";
  route.access = Access::kReader;
  route.answers = {{.status = 200, .summary = "As it stands now.", .schema = kAnything}};
  route.handler = [service, handler](const HttpRequest& request) { return handler(service, request); };
  return route;
}

Route Steered(std::string pattern, std::string id, std::string summary, const RunService& service,
              HttpResponse (*handler)(const RunService&, const HttpRequest&)) {
  Route route = Shown(std::move(pattern), std::move(id), std::move(summary), service, handler);
  route.method = "POST";
  route.access = Access::kOperator;
  return route;
}

}  // namespace

void AddRunRoutes(RouteTable& routes, const RunService& service) {
  routes.Add(Shown("/api/v1/pipelines", "list_pipelines", "Lists the pipelines with their tasks and last runs.",
                   service, [](const RunService& all, const HttpRequest&) { return ListPipelines(all); }));
  Route runs = Shown("/api/v1/runs", "list_runs", "Lists runs, newest first.", service, ListRuns);
  runs.parameters = {{.name = "pipeline", .summary = "Of this pipeline only."},
                     {.name = "limit",
                      .summary = "Runs at most; 50 when absent.",
                      .schema = {{"type", "integer"}, {"minimum", 1}, {"maximum", kRunsMost}}}};
  routes.Add(std::move(runs));
  routes.Add(Shown("/api/v1/runs/{id}", "get_run", "Tells how a run stands, and its tasks.", service, TellRun));
  Route log = Shown("/api/v1/runs/{id}/tasks/{task}/log", "get_task_log",
                    "Gives what a task's command wrote, the end of it.", service, TellLog);
  log.answers = {{.status = 200, .summary = "The output.", .content_type = "text/plain"}};
  routes.Add(std::move(log));
  Route cancel = Steered("/api/v1/runs/{id}/cancel", "cancel_run", "Withdraws a run that waits, or ends one at work.",
                         service, Cancel);
  cancel.answers = {{.status = 200, .summary = "It waits no more.", .schema = kAnything},
                    {.status = 202, .summary = "Its tasks are being stopped.", .schema = kAnything}};
  routes.Add(std::move(cancel));
  Route backfill = Steered("/api/v1/pipelines/{name}/backfill", "backfill", "Queues the runs of a stretch of time.",
                           service, StartBackfill);
  backfill.request_schema = BackfillSchema();
  backfill.request_example = {{"from", "2018-05-01T00:00:00Z"}, {"to", "2018-06-01T00:00:00Z"}};
  backfill.answers = {{.status = 202, .summary = "They are queued.", .schema = kAnything}};
  routes.Add(std::move(backfill));
  routes.Add(Steered("/api/v1/pipelines/{name}/pause", "pause_pipeline", "Lets a pipeline's schedule rest.", service,
                     [](const RunService& all, const HttpRequest& request) { return SetPaused(all, request, true); }));
  routes.Add(Steered("/api/v1/pipelines/{name}/resume", "resume_pipeline", "Lets a pipeline's schedule go on.", service,
                     [](const RunService& all, const HttpRequest& request) { return SetPaused(all, request, false); }));
}

}  // namespace smelt::serve
