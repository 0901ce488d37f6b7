#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "serve/data/kept_result_answers.h"
#include "serve/data/result_body.h"

namespace smelt::serve {
namespace {

std::string UrlOf(const ResultStanding& standing) {
  return fmt::format("/api/v1/sql/{}", standing.id);
}

std::string PageUrl(const ResultStanding& standing, std::int64_t offset) {
  return fmt::format("{}/rows?cursor={}", UrlOf(standing), offset);
}

Json StandingJson(const ResultStanding& standing) {
  Json object = {{"id", standing.id},
                 {"state", ResultStateText(standing.state)},
                 {"sql", standing.sql},
                 {"url", UrlOf(standing)},
                 {"submitted_at", FormatUtcMicros(standing.submitted_us)}};
  if (standing.finished_us > 0) object["finished_at"] = FormatUtcMicros(standing.finished_us);
  if (standing.state == ResultState::kSucceeded) {
    object["columns"] = ColumnsJson(standing.columns);
    object["row_count"] = standing.rows;
    if (standing.changed) object["changed"] = *standing.changed;
    if (!standing.path.empty()) object["rows_url"] = PageUrl(standing, 0);
  }
  if (standing.error) {
    const HttpResponse problem = ProblemOf(*standing.error);
    object["problem"] = Json::parse(problem.body);
  }
  return object;
}

HttpResponse NoResult() {
  return Problem(404, "there is no such result, or it was not used for long");
}

/// One page of a result, read from its file.
HttpResponse Page(DataService& service, const HttpRequest& request, const ResultStanding& standing,
                  const RowShape& shape, std::int64_t offset, std::int64_t rows) {
  auto place = service.gate.Enter(request.identity.name, service.limits.ms_default, request.stop);
  if (!place) return ProblemOf(place.error());
  const std::string sql = fmt::format(
      "select * exclude (file_row_number) from read_parquet({}, file_row_number = true) where file_row_number >= {} "
      "and "
      "file_row_number < {} order by file_row_number",
      engine::QuoteLiteral(standing.path), offset, offset + rows);
  const std::int64_t next = offset + rows;
  const std::string next_url = next < standing.rows ? PageUrl(standing, next) : "";
  if (shape.format == DataFormat::kParquet) {
    const std::string path = service.results.NewPath();
    const auto written = WriteResult((*place)->session(), sql, {}, rows, path);
    if (!written) return ProblemOf((*place)->Explain(written.error()));
    auto file = TakeFileBody(path);
    return file ? Respond(std::move(*file), MediaTypeOf(shape.format)) : ProblemOf(file.error());
  }
  auto body = ResultBody::Open(std::move(*place), sql, {},
                               {.shape = shape,
                                .rows_max = rows,
                                .refuse_at = std::nullopt,
                                .bytes_max = service.limits.bytes_max,
                                .tail = [next_url](std::int64_t, bool) {
                                  return ",\n\"next\":" + JsonText((next_url.empty() ? Json() : Json(next_url)));
                                }});
  if (!body) return ProblemOf(body.error());
  HttpResponse response = Respond(std::move(*body), MediaTypeOf(shape.format));
  if (!next_url.empty()) response.headers.emplace_back("Link", fmt::format("<{}>; rel=\"next\"", next_url));
  return response;
}

/// A whole number of the query, `fallback` when it is absent; nothing when it is none or out of bounds.
std::optional<std::int64_t> NumberOf(const HttpRequest& request, const std::string& name, std::int64_t fallback,
                                     std::int64_t least, std::int64_t most) {
  const auto given = request.query.find(name);
  if (given == request.query.end()) return fallback;
  std::int64_t number = 0;
  const char* const end = given->second.data() + given->second.size();
  const auto [last, error] = std::from_chars(given->second.data(), end, number);
  if (error != std::errc() || last != end || number < least || number > most) return std::nullopt;
  return number;
}

HttpResponse GivePage(DataService& service, const HttpRequest& request) {
  const auto standing = service.results.Find(request.identity.name, request.path_values.at("id"));
  if (!standing) return NoResult();
  if (standing->state != ResultState::kSucceeded) return AnswerKept(service, request, *standing);
  if (standing->path.empty()) return Problem(409, "the statement changed rows and has none to give");
  const auto offset = NumberOf(request, "cursor", 0, 0, service.limits.rows_max);
  if (!offset) return Problem(400, "this cursor was not given by a page of this result");
  const auto limit =
      NumberOf(request, "limit", standing->page_rows, 1, static_cast<std::int64_t>(service.limits.page_rows_max));
  if (!limit)
    return Problem(400, fmt::format("limit must be a whole number from 1 to {}", service.limits.page_rows_max));
  RowShape shape = standing->shape;
  if (const auto format = request.query.find("format"); format != request.query.end()) {
    const auto known = DataFormatOf(format->second);
    if (!known) return Problem(400, "format must be json, ndjson, csv, arrow or parquet");
    shape.format = *known;
  } else {
    const auto accepted = AcceptedFormat(request, standing->shape.format);
    if (!accepted) return accepted.error();
    shape.format = *accepted;
  }
  return Page(service, request, *standing, shape, *offset, *limit);
}

RouteParameter IdParameter() {
  return {.name = "id", .summary = "The result, as the answer to its statement named it.", .required = true};
}

Route StandingRoute(DataService& service) {
  Route route{
      .method = "GET", .pattern = "/api/v1/sql/{id}", .summary = "Tells how a statement stands whose result is kept."};
  route.id = "get_sql_result";
  route.tag = "sql";
  route.access = Access::kReader;
  route.path_parameters = {IdParameter()};
  route.answers = {{.status = 200, .summary = "How it stands.", .schema = KeptResultSchema()}};
  route.handler = [&service](const HttpRequest& request) {
    const auto standing = service.results.Find(request.identity.name, request.path_values.at("id"));
    return standing ? JsonResponse(200, StandingJson(*standing)) : NoResult();
  };
  return route;
}

Route PageRoute(DataService& service) {
  Route route{.method = "GET", .pattern = "/api/v1/sql/{id}/rows", .summary = "Gives a page of a result that is kept."};
  route.id = "get_sql_result_rows";
  route.tag = "sql";
  route.access = Access::kReader;
  route.lane = Lane::kQuery;
  route.path_parameters = {IdParameter()};
  route.parameters = {{.name = "cursor", .summary = "Where the page begins; `next` of the page before has it."},
                      {.name = "limit",
                       .summary = "Rows of the page.",
                       .schema = {{"type", "integer"}, {"minimum", 1}, {"maximum", service.limits.page_rows_max}}},
                      {.name = "format",
                       .summary = "Goes before Accept.",
                       .schema = {{"enum", {"json", "ndjson", "csv", "arrow", "parquet"}}}}};
  route.answers = RowsAnswers();
  route.answers.push_back({.status = 202, .summary = "The statement still runs.", .schema = KeptResultSchema()});
  route.handler = [&service](const HttpRequest& request) { return GivePage(service, request); };
  return route;
}

Route CancelRoute(DataService& service) {
  Route route{
      .method = "DELETE", .pattern = "/api/v1/sql/{id}", .summary = "Cancels a statement, or forgets its result."};
  route.id = "cancel_sql";
  route.tag = "sql";
  route.access = Access::kReader;
  route.lane = Lane::kQuery;
  route.path_parameters = {IdParameter()};
  route.answers = {{.status = 204, .summary = "It is gone.", .content_type = ""}};
  route.handler = [&service](const HttpRequest& request) {
    const bool was_there = service.results.Remove(request.identity.name, request.path_values.at("id"));
    return was_there ? HttpResponse{.status = 204} : NoResult();
  };
  return route;
}

Route ListRoute(DataService& service) {
  Route route{.method = "GET",
              .pattern = "/api/v1/sql",
              .summary = "Lists the statements of the caller whose results are kept."};
  route.id = "list_sql_results";
  route.tag = "sql";
  route.access = Access::kReader;
  route.answers = {{.status = 200,
                    .summary = "Newest first.",
                    .schema = {{"type", "object"},
                               {"required", {"results"}},
                               {"properties", {{"results", {{"type", "array"}, {"items", KeptResultSchema()}}}}}}}};
  route.handler = [&service](const HttpRequest& request) {
    Json list = Json::array();
    for (const ResultStanding& standing : service.results.List(request.identity.name)) {
      list.push_back(StandingJson(standing));
    }
    return JsonResponse(200, {{"results", std::move(list)}});
  };
  return route;
}

}  // namespace

HttpResponse AnswerKept(DataService& service, const HttpRequest& request, const ResultStanding& standing) {
  HttpResponse response;
  switch (standing.state) {
    case ResultState::kRunning:
      response = JsonResponse(202, StandingJson(standing));
      response.headers.emplace_back("Retry-After", "1");
      break;
    case ResultState::kSucceeded:
      response = standing.path.empty()
                     ? JsonResponse(200, {{"columns", Json::array()},
                                          {"rows", Json::array()},
                                          {"row_count", 0},
                                          {"truncated", false},
                                          {"changed", standing.changed ? Json(*standing.changed) : Json()}})
                     : Page(service, request, standing, standing.shape, 0, standing.page_rows);
      break;
    case ResultState::kFailed: response = ProblemOf(*standing.error); break;
    case ResultState::kCancelled: response = Problem(410, "the statement was cancelled"); break;
  }
  response.headers.emplace_back("Location", UrlOf(standing));
  return response;
}

Json KeptResultSchema() {
  return {{"type", "object"},
          {"required", {"id", "state", "sql", "url", "submitted_at"}},
          {"properties",
           {{"id", {{"type", "string"}}},
            {"state", {{"enum", {"running", "succeeded", "failed", "cancelled"}}}},
            {"sql", {{"type", "string"}}},
            {"url", {{"type", "string"}}},
            {"rows_url", {{"type", "string"}}},
            {"submitted_at", {{"type", "string"}, {"format", "date-time"}}},
            {"finished_at", {{"type", "string"}, {"format", "date-time"}}},
            {"row_count", {{"type", "integer"}}},
            {"changed", {{"type", "integer"}}},
            {"columns", {{"type", "array"}}},
            {"problem", {{"type", "object"}}}}}};
}

void AddKeptResultRoutes(RouteTable& routes, DataService& service) {
  routes.Add(ListRoute(service));
  routes.Add(StandingRoute(service));
  routes.Add(PageRoute(service));
  routes.Add(CancelRoute(service));
}

}  // namespace smelt::serve
