#include "serve/quality_routes.h"

#include <fmt/format.h>

#include <utility>

namespace smelt::serve {
namespace {

/// Verdicts by table, suite and validation: a check that failed and does more than warn fails the suite.
constexpr const char* kVerdicts = R"(
select table_name, suite, run_id, max(validated_at) as validated_at, max(table_version) as table_version,
  count(*) as checks, count(*) filter (not success) as failed,
  case when bool_or(not success and severity not in ('warn', 'warning', 'info')) then 'failed'
       when bool_or(not success) then 'warned' else 'passed' end as verdict,
  row_number() over (partition by table_name, suite order by max(validated_at) desc) as age
from quality.results group by table_name, suite, run_id)";

constexpr std::size_t kVerdictsKept = 20;

/// The suites of an answer to kVerdicts, whose rows come by table, suite and age.
Json SuitesOf(const Answer& answer) {
  Json suites = Json::array();
  for (const Json& row : answer.Rows()) {
    const Json verdict = {{"validated_at", row[3]}, {"verdict", row[7]}};
    if (row[8] != 1) {
      suites.back()["history"].push_back(verdict);
      continue;
    }
    suites.push_back({{"table", row[0]},
                      {"suite", row[1]},
                      {"run_id", row[2]},
                      {"validated_at", row[3]},
                      {"version", row[4]},
                      {"checks", row[5]},
                      {"failed", row[6]},
                      {"verdict", row[7]},
                      {"history", Json::array({verdict})}});
  }
  return suites;
}

/// The checks of the validation that a suite's newest verdict comes from.
Json ChecksOf(const Json& rows, const Json& suite) {
  Json checks = Json::array();
  for (const Json& row : rows) {
    if (suite["suite"] != row[0] || suite["run_id"] != row[1]) continue;
    checks.push_back({{"expectation", row[2]},
                      {"column", row[3]},
                      {"severity", row[4]},
                      {"success", row[5]},
                      {"observed_value", row[6]},
                      {"unexpected_count", row[7]},
                      {"element_count", row[8]}});
  }
  return checks;
}

/// Before anything was checked there is no table to read.
bool IsUnchecked(const Error& error) {
  return error.code() == ErrorCode::kSqlCatalog;
}

HttpResponse ListSuites(QueryService& queries, const HttpRequest& request) {
  const std::string sql =
      fmt::format("select * from ({}) where age <= {} order by table_name, suite, age", kVerdicts, kVerdictsKept);
  const auto answer = queries.Ask(request.identity.Reading(), {.sql = sql}, request.stop);
  if (!answer && !IsUnchecked(answer.error())) return ProblemOf(answer.error());
  return JsonResponse(200, {{"suites", answer ? SuitesOf(**answer) : Json::array()}});
}

HttpResponse TellTable(QueryService& queries, const HttpRequest& request) {
  const std::string table = fmt::format("{}.{}", request.path_values.at("schema"), request.path_values.at("table"));
  const Identity reader = request.identity.Reading();
  const auto verdicts = queries.Ask(
      reader,
      {.sql = fmt::format("select * from ({}) where table_name = $1 and age <= {} order by table_name, suite, age",
                          kVerdicts, kVerdictsKept),
       .parameters = {table}},
      request.stop);
  if (!verdicts && !IsUnchecked(verdicts.error())) return ProblemOf(verdicts.error());
  if (!verdicts || (*verdicts)->rows.empty()) return Problem(404, fmt::format("nothing has checked '{}'", table));
  Json suites = SuitesOf(**verdicts);
  const auto checks = queries.Ask(
      reader,
      {.sql = fmt::format(
           "select suite, run_id, expectation, column_name, severity, success, observed_value, "
           "unexpected_count, element_count from quality.results where table_name = $1 and (suite, run_id) in "
           "(select (suite, run_id) from ({}) where table_name = $1 and age = 1) order by suite, expectation, "
           "column_name",
           kVerdicts),
       .parameters = {table}},
      request.stop);
  if (!checks) return ProblemOf(checks.error());
  const Json rows = (*checks)->Rows();
  for (Json& suite : suites) suite["results"] = ChecksOf(rows, suite);
  return JsonResponse(200, {{"table", table}, {"suites", std::move(suites)}});
}

Route Shown(std::string pattern, std::string id, std::string summary) {
  Route route{.method = "GET", .pattern = std::move(pattern), .summary = std::move(summary)};
  route.id = std::move(id);
  route.tag = "quality";
  route.access = Access::kReader;
  route.lane = Lane::kQuery;
  route.answers = {{.status = 200, .summary = "By table and suite.", .schema = {{"type", "object"}}}};
  return route;
}

}  // namespace

void AddQualityRoutes(RouteTable& routes, QueryService& queries) {
  Route list =
      Shown("/api/v1/quality", "list_verdicts", "Tells the newest verdict of every suite, and those before it.");
  list.handler = [&queries](const HttpRequest& request) { return ListSuites(queries, request); };
  routes.Add(std::move(list));
  Route table = Shown("/api/v1/quality/{schema}/{table}", "get_verdicts", "Tells what the checks of a table said.");
  table.handler = [&queries](const HttpRequest& request) { return TellTable(queries, request); };
  routes.Add(std::move(table));
}

}  // namespace smelt::serve
