#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/digest.h"
#include "serve/data/data_service.h"
#include "serve/data/kept_result_answers.h"
#include "serve/data/result_body.h"
#include "serve/data/sql_request.h"

namespace smelt::serve {
namespace {

constexpr std::size_t kKeyBytesMax = 255;

/// Whether a statement is one that answers with rows. What CALL runs does, too, whatever it changes.
bool GivesRows(const engine::StatementInfo& info) {
  switch (info.kind) {
    case engine::StatementKind::kSelect:
    case engine::StatementKind::kExplain:
    case engine::StatementKind::kCall: return true;
    default: return false;
  }
}

Json CommitsJson(engine::Session& session) {
  Json commits = Json::array();
  for (const engine::CommitReport& commit : session.TakeCommits()) {
    commits.push_back({{"table", commit.table}, {"version", commit.version}, {"operation", commit.operation}});
  }
  return commits;
}

HttpResponse RunForRows(DataService& service, std::unique_ptr<StatementPlace> place, const SqlRequest& wanted) {
  const std::int64_t rows_max = wanted.limit.value_or(service.limits.rows_max);
  if (wanted.shape.format == DataFormat::kParquet) {
    const std::string path = service.results.NewPath();
    // One row more than may be tells that there are too many.
    const auto written =
        WriteResult(place->session(), wanted.sql, wanted.parameters, wanted.limit ? rows_max : rows_max + 1, path);
    if (!written) return ProblemOf(place->Explain(written.error()));
    auto body = TakeFileBody(path);
    if (!body) return ProblemOf(body.error());
    if (written->rows > rows_max) {
      return ProblemOf(Error(ErrorCode::kServeLimit, fmt::format("the answer has more than {} rows", rows_max))
                           .Hint("give a limit, or ask for less"));
    }
    return Respond(std::move(*body), MediaTypeOf(wanted.shape.format));
  }
  auto body = ResultBody::Open(std::move(place), wanted.sql, wanted.parameters,
                               {.shape = wanted.shape,
                                .rows_max = rows_max,
                                .refuse_at = wanted.limit ? std::nullopt : std::optional(rows_max),
                                .bytes_max = service.limits.bytes_max});
  return body ? Respond(std::move(*body), MediaTypeOf(wanted.shape.format)) : ProblemOf(body.error());
}

HttpResponse RunForEffect(StatementPlace& place, const SqlRequest& wanted) {
  const auto changed = engine::ExecuteWith(place.session(), wanted.sql, wanted.parameters);
  if (!changed) return ProblemOf(place.Explain(changed.error()));
  Json answer = {{"columns", Json::array()}, {"rows", Json::array()}, {"row_count", 0}, {"truncated", false}};
  answer["changed"] = *changed ? Json(**changed) : Json();
  answer["commits"] = CommitsJson(place.session());
  return JsonResponse(200, answer);
}

/// Runs the statement beside its request, and answers with its first page, or with how it stands.
HttpResponse RunKept(DataService& service, std::shared_ptr<StatementPlace> place, const SqlRequest& wanted,
                     const HttpRequest& request, bool gives_rows) {
  const std::string& caller = request.identity.name;
  const std::int64_t rows_max = service.limits.rows_max;
  auto work = [place, wanted, gives_rows, rows_max](const std::string& path) -> Result<StatementOutcome> {
    StatementOutcome outcome;
    if (gives_rows) {
      auto written =
          WriteResult(place->session(), wanted.sql, wanted.parameters, wanted.limit.value_or(rows_max + 1), path);
      if (!written) return Fail(place->Explain(std::move(written.error())));
      if (written->rows > rows_max) {
        return Fail(ErrorCode::kServeLimit, fmt::format("the answer has more than {} rows", rows_max));
      }
      outcome.columns = std::move(written->columns);
      outcome.rows = written->rows;
    } else {
      auto changed = engine::ExecuteWith(place->session(), wanted.sql, wanted.parameters);
      if (!changed) return Fail(place->Explain(std::move(changed.error())));
      outcome.changed = *changed;
    }
    return outcome;
  };
  constexpr std::int64_t kPageRowsDefault = 10'000;
  ResultStanding asked{.sql = wanted.sql, .shape = wanted.shape};
  asked.page_rows = wanted.page_rows.value_or(kPageRowsDefault);
  const auto id = service.results.Begin(caller, std::move(asked), std::move(work), [running = std::weak_ptr(place)] {
    if (const auto at_work = running.lock()) at_work->Stop();
  });
  if (!id) return ProblemOf(id.error());
  place.reset();
  const auto standing = service.results.Await(caller, *id, wanted.wait_ms, request.stop);
  if (!standing) return Problem(410, "the result was deleted");
  return AnswerKept(service, request, *standing);
}

HttpResponse RunSql(DataService& service, const HttpRequest& request, const SqlRequest& wanted) {
  // A statement whose result is kept goes on when its client is gone.
  auto place = service.gate.Enter(request.identity.name, wanted.timeout_ms,
                                  wanted.keeps_result() ? std::stop_token() : request.stop);
  if (!place) return ProblemOf(place.error());
  const auto info = service.Allow(request.identity, (*place)->session(), wanted.sql);
  if (!info) return ProblemOf((*place)->Explain(info.error()));
  if (wanted.keeps_result()) return RunKept(service, std::move(*place), wanted, request, GivesRows(*info));
  return GivesRows(*info) ? RunForRows(service, std::move(*place), wanted) : RunForEffect(**place, wanted);
}

/// Runs the statement once for all calls with the same key.
HttpResponse RunOnce(DataService& service, const HttpRequest& request, const SqlRequest& wanted) {
  const auto given = request.Header("idempotency-key");
  if (!given) return RunSql(service, request, wanted);
  const bool printable = std::ranges::all_of(*given, [](char byte) { return byte > ' ' && byte <= '~'; });
  if (given->empty() || given->size() > kKeyBytesMax || !printable) {
    return Problem(400, fmt::format("Idempotency-Key must have 1 to {} printable characters", kKeyBytesMax));
  }
  const std::string key = fmt::format("{} {}", request.identity.name, *given);
  auto [kind, former] = service.calls.Begin(key, Sha256Hex(request.body));
  switch (kind) {
    case ReplayedCalls::Kind::kDifferent: return Problem(422, "this Idempotency-Key was used for another request");
    case ReplayedCalls::Kind::kAtWork: return Problem(409, "the call with this Idempotency-Key is at work");
    case ReplayedCalls::Kind::kRepeated: former.headers.emplace_back("Idempotency-Replayed", "true"); return former;
    case ReplayedCalls::Kind::kFirst: break;
  }
  HttpResponse response = RunSql(service, request, wanted);
  // Streams cannot be sent again, and read only; what failed may be tried again.
  if (response.stream == nullptr && response.status < 300) {
    service.calls.Finish(key, response);
  } else {
    service.calls.Forget(key);
  }
  return response;
}

}  // namespace

void AddSqlRoutes(RouteTable& routes, DataService& service) {
  Route route{.method = "POST", .pattern = "/api/v1/sql", .summary = "Runs one SQL statement."};
  route.id = "run_sql";
  route.tag = "sql";
  route.description =
      "Rows come as JSON, NDJSON, CSV, an Arrow stream or Parquet, by `format` or Accept, and are streamed. With "
      "`page_rows` or `async` the result is kept, and paged through. A call that changes tables and has an "
      "`Idempotency-Key` changes them once, however often it is made.";
  route.access = Access::kReader;
  route.lane = Lane::kQuery;
  route.handler = [&service](const HttpRequest& request) {
    const auto wanted = ReadSqlRequest(request, service.limits);
    return wanted ? RunOnce(service, request, *wanted) : wanted.error();
  };
  route.request_schema = SqlRequestSchema(service.limits);
  route.request_example = SqlRequestExample();
  route.answers = RowsAnswers();
  route.answers.push_back(
      {.status = 202, .summary = "The statement runs; `url` tells how it stands.", .schema = KeptResultSchema()});
  routes.Add(std::move(route));
}

}  // namespace smelt::serve
