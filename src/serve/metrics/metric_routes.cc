#include "serve/metrics/metric_routes.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "serve/metrics/metric_request.h"

namespace smelt::serve {
namespace {

constexpr int kNotModified = 304;
constexpr std::int64_t kValuesMax = 1000;

/// What the routes share. Thread-safe.
struct MetricApi {
  transform::LiveSemanticLayer& layer;
  QueryService& queries;
};

/// The rows of a statement, with what is to be known of them.
HttpResponse Rows(const MetricApi& api, const HttpRequest& request, const transform::MetricStatement& statement) {
  auto reading = api.queries.Look(request.identity.Reading(), {.sql = statement.sql, .parameters = {}, .as_of = {}});
  if (!reading) return ProblemOf(reading.error());
  const auto answer = api.queries.Run(*reading, request.stop);
  if (!answer) return ProblemOf(answer.error());
  const Answer& rows = **answer;
  const std::string etag = rows.etag.empty() ? "" : fmt::format("\"{}\"", rows.etag);
  if (!etag.empty() && request.Header("if-none-match") == etag) {
    return {.status = kNotModified, .headers = {{"ETag", etag}}};
  }
  Json columns = Json::array();
  for (std::size_t i = 0; i < statement.columns.size(); ++i) {
    const transform::MetricColumn& column = statement.columns[i];
    Json entry = {{"name", column.name}, {"kind", column.kind}, {"label", column.label}};
    if (i < rows.columns.size()) entry["type"] = rows.columns[i].type;
    columns.push_back(std::move(entry));
  }
  Json tables = Json::array();
  for (const TableRead& table : rows.tables) {
    tables.push_back({{"table", table.Text()}, {"version", table.version}});
  }
  const Json head = {{"columns", std::move(columns)},
                     {"row_count", rows.row_count},
                     {"truncated", rows.truncated},
                     {"tables", std::move(tables)},
                     {"computed_at", FormatUtcMicros(rows.computed_at_us)},
                     {"sql", statement.sql}};
  HttpResponse response;
  response.body = JsonText(head);
  response.body.pop_back();
  response.body += ",\"rows\":[" + rows.rows + "]}";
  if (!etag.empty()) response.headers = {{"ETag", etag}, {"Cache-Control", "private, no-cache"}};
  return response;
}

HttpResponse RowsOf(const MetricApi& api, const HttpRequest& request, const transform::MetricQuery& query) {
  const auto layer = api.layer.Current();
  if (!layer) return ProblemOf(layer.error());
  const auto statement = (*layer)->Compile(query);
  if (!statement) return ProblemOf(statement.error());
  return Rows(api, request, *statement);
}

Json DimensionsJson(const std::vector<transform::MetricDimension>& dimensions) {
  Json list = Json::array();
  for (const transform::MetricDimension& one : dimensions) {
    Json entry = {{"name", one.name}, {"kind", one.kind}, {"label", one.label}, {"description", one.description}};
    if (!one.grain.empty()) entry["grain"] = one.grain;
    list.push_back(std::move(entry));
  }
  return list;
}

HttpResponse List(const MetricApi& api) {
  const auto layer = api.layer.Current();
  if (!layer) return ProblemOf(layer.error());
  Json metrics = Json::array();
  for (const transform::MetricInfo& metric : (*layer)->metrics()) {
    Json dimensions = Json::array();
    const auto known = (*layer)->Dimensions({metric.name});
    if (!known) return ProblemOf(known.error());
    for (const transform::MetricDimension& one : *known) dimensions.push_back(one.name);
    metrics.push_back({{"name", metric.name},
                       {"label", metric.label},
                       {"description", metric.description},
                       {"type", metric.type},
                       {"meta", metric.meta},
                       {"dimensions", std::move(dimensions)}});
  }
  Json saved = Json::array();
  for (const transform::SavedMetricQuery& one : (*layer)->saved_queries()) {
    saved.push_back({{"name", one.name},
                     {"label", one.label},
                     {"description", one.description},
                     {"metrics", one.query.metrics},
                     {"group_by", one.query.group_by}});
  }
  return JsonResponse(200, {{"metrics", std::move(metrics)}, {"saved_queries", std::move(saved)}});
}

HttpResponse DimensionsOf(const MetricApi& api, const HttpRequest& request) {
  const auto layer = api.layer.Current();
  if (!layer) return ProblemOf(layer.error());
  const auto dimensions = (*layer)->Dimensions({request.path_values.at("name")});
  if (!dimensions) return ProblemOf(dimensions.error());
  return JsonResponse(200, {{"dimensions", DimensionsJson(*dimensions)}});
}

HttpResponse ValuesOf(const MetricApi& api, const HttpRequest& request) {
  const auto layer = api.layer.Current();
  if (!layer) return ProblemOf(layer.error());
  const auto dimension = request.query.find("dimension");
  if (dimension == request.query.end()) return Problem(400, "the parameter 'dimension' is missing");
  const auto statement = (*layer)->CompileValues(request.path_values.at("name"), dimension->second, kValuesMax);
  if (!statement) return ProblemOf(statement.error());
  return Rows(api, request, *statement);
}

Json RowsSchema() {
  const Json column = {{"type", "object"},
                       {"properties",
                        {{"name", {{"type", "string"}}},
                         {"kind", {{"enum", {"dimension", "time", "entity", "metric", "comparison"}}}},
                         {"label", {{"type", "string"}}},
                         {"type", {{"type", "string"}}}}}};
  return {{"type", "object"},
          {"properties",
           {{"columns", {{"type", "array"}, {"items", column}}},
            {"rows", {{"type", "array"}, {"items", {{"type", "array"}}}}},
            {"row_count", {{"type", "integer"}}},
            {"truncated", {{"type", "boolean"}}},
            {"tables", {{"type", "array"}}},
            {"computed_at", {{"type", "string"}}},
            {"sql", {{"type", "string"}}}}},
          {"required", {"columns", "rows", "row_count", "truncated", "tables", "sql"}}};
}

std::vector<RouteAnswer> RowsAnswers() {
  return {{.status = 200, .summary = "The rows", .schema = RowsSchema()},
          {.status = kNotModified, .summary = "The rows are those of the ETag", .content_type = ""}};
}

std::vector<RouteParameter> QueryParameters() {
  return {{.name = "group_by",
           .summary = "Dimensions, entities and times, separated by commas",
           .example = "order__customer_state"},
          {.name = "grain", .summary = "The grain of metric_time: day, week, month, quarter, year", .example = "month"},
          {.name = "start", .summary = "The first day of metric_time", .example = "2018-01-01"},
          {.name = "end", .summary = "The last day of metric_time, included", .example = "2018-06-30"},
          {.name = "where", .summary = "A condition in SQL with {{ Dimension('order__status') }}"},
          {.name = "order", .summary = "Columns of the answer, separated by commas; -revenue: the largest first"},
          {.name = "limit",
           .summary = "So many rows at most",
           .schema = {{"type", "integer"}, {"minimum", 0}, {"maximum", 1'000'000}}},
          {.name = "compare",
           .summary = "Beside each figure that of the period before, or of the year before",
           .schema = {{"type", "string"}, {"enum", {"previous", "year"}}}},
          {.name = "fill_nulls",
           .summary = "0 where there is nothing, also in periods without rows",
           .schema = {{"type", "string"}, {"enum", {"true", "false"}}}}};
}

}  // namespace

void AddMetricRoutes(RouteTable& routes, transform::LiveSemanticLayer& layer, QueryService& queries) {
  const auto api = std::make_shared<MetricApi>(MetricApi{.layer = layer, .queries = queries});
  const Json object = {{"type", "object"}};
  routes.Add({.method = "GET",
              .pattern = "/api/v1/metrics",
              .summary = "The metrics of the project, what they can be grouped by, and its saved queries",
              .access = Access::kReader,
              .handler = [api](const HttpRequest&) { return List(*api); },
              .lane = Lane::kQuery,
              .tag = "metrics",
              .answers = {{.status = 200, .summary = "The metrics", .schema = object}}});
  routes.Add({.method = "POST",
              .pattern = "/api/v1/metrics/query",
              .summary = "The rows of metrics by dimensions and time",
              .access = Access::kReader,
              .handler =
                  [api](const HttpRequest& request) {
                    const auto query = QueryOfBody(request);
                    return query ? RowsOf(*api, request, *query) : query.error();
                  },
              .lane = Lane::kQuery,
              .tag = "metrics",
              .request_schema = QueryBodySchema(),
              .request_example = {{"metrics", {"revenue", "orders"}}, {"grain", "month"}, {"compare", "year"}},
              .answers = RowsAnswers()});
  routes.Add({.method = "GET",
              .pattern = "/api/v1/metrics/{name}",
              .summary = "The rows of a metric by dimensions and time",
              .parameters = QueryParameters(),
              .access = Access::kReader,
              .handler =
                  [api](const HttpRequest& request) {
                    const auto query = QueryOfAddress(request);
                    return query ? RowsOf(*api, request, *query) : ProblemOf(query.error());
                  },
              .lane = Lane::kQuery,
              .tag = "metrics",
              .other_parameters = "A dimension and a value that it must have; several times: one of them",
              .answers = RowsAnswers()});
  routes.Add({.method = "GET",
              .pattern = "/api/v1/metrics/{name}/dimensions",
              .summary = "What a metric can be grouped and filtered by",
              .access = Access::kReader,
              .handler = [api](const HttpRequest& request) { return DimensionsOf(*api, request); },
              .lane = Lane::kQuery,
              .tag = "metrics",
              .answers = {{.status = 200, .summary = "The dimensions", .schema = object}}});
  routes.Add({.method = "GET",
              .pattern = "/api/v1/metrics/{name}/values",
              .summary = "The values of a dimension, at most 1,000",
              .parameters =
                  {{.name = "dimension", .summary = "Its name", .required = true, .example = "order__customer_state"}},
              .access = Access::kReader,
              .handler = [api](const HttpRequest& request) { return ValuesOf(*api, request); },
              .lane = Lane::kQuery,
              .tag = "metrics",
              .answers = RowsAnswers()});
}

}  // namespace smelt::serve
