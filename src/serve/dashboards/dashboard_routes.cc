#include "serve/dashboards/dashboard_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config.h"
#include "base/digest.h"
#include "serve/dashboards/internal/route_schemas.h"
#include "serve/dashboards/tile_answer.h"

namespace smelt::serve {
namespace {

constexpr int kOk = 200;
constexpr int kNotModified = 304;
constexpr int kBadRequest = 400;
constexpr int kNotFound = 404;
/// Of one download.
constexpr RowLimits kDownload{.rows_max = 1'000'000, .bytes_max = 256UL << 20U};

HttpResponse Missing(const Error& error) {
  return Problem(kNotFound, error.message(), {{"code", CodeText(error.code())}, {"hint", error.hint()}});
}

/// A dashboard by the path; or the answer that there is none.
std::expected<DashboardPtr, HttpResponse> DashboardOf(DashboardService& dashboards, const HttpRequest& request) {
  auto found = dashboards.Find(request.path_values.at("name"));
  if (!found) return std::unexpected(Missing(found.error()));
  return *found;
}

std::expected<const Tile*, HttpResponse> TileOf(const Dashboard& dashboard, const std::string& name) {
  const Tile* tile = dashboard.FindTile(name);
  if (tile != nullptr && tile->type != TileType::kText) return tile;
  std::vector<std::string_view> known;
  for (const Tile* one : dashboard.tiles()) {
    if (one->type != TileType::kText) known.push_back(one->name);
  }
  const std::string nearest = NearestWord(name, known);
  Json more = Json::object();
  if (!nearest.empty()) more["hint"] = fmt::format("did you mean '{}'?", nearest);
  return std::unexpected(
      Problem(kNotFound, fmt::format("dashboard '{}' has no tile '{}' with data", dashboard.name, name), more));
}

/// What of a request chooses rows: the parameters that are the dashboard's, and the two that all have.
AddressParameters ChoicesOf(const HttpRequest& request) {
  AddressParameters parameters = request.others;
  for (const char* name : {"grain", "as_of"}) {
    if (const auto found = request.query.find(name); found != request.query.end()) {
      parameters.emplace_back(name, found->second);
    }
  }
  return parameters;
}

HttpResponse ListDashboards(DashboardService& dashboards, const HttpRequest& request) {
  const auto list = dashboards.ListJson(request.identity, request.stop);
  return list ? JsonResponse(kOk, *list) : ProblemOf(list.error());
}

HttpResponse GetDashboard(DashboardService& dashboards, const HttpRequest& request) {
  const auto dashboard = DashboardOf(dashboards, request);
  if (!dashboard) return dashboard.error();
  const auto definition = dashboards.DefinitionJson(request.identity, **dashboard, request.stop);
  return definition ? JsonResponse(kOk, *definition) : ProblemOf(definition.error());
}

HttpResponse Download(DashboardService& dashboards, const TileReading& tile, const HttpRequest& request) {
  auto csv = dashboards.queries().Csv(tile.reading, kDownload, request.stop);
  if (!csv) return ProblemOf(csv.error());
  HttpResponse response{.content_type = "text/csv; charset=utf-8; header=present", .body = std::move(*csv)};
  response.headers.emplace_back(
      "Content-Disposition", fmt::format("attachment; filename=\"{}-{}.csv\"", tile.dashboard->name, tile.tile->name));
  return response;
}

HttpResponse GetTile(DashboardService& dashboards, const HttpRequest& request) {
  const auto dashboard = DashboardOf(dashboards, request);
  if (!dashboard) return dashboard.error();
  const auto tile = TileOf(**dashboard, request.path_values.at("tile"));
  if (!tile) return tile.error();
  const auto selection = dashboards.Select(request.identity, **dashboard, ChoicesOf(request), request.stop);
  if (!selection) return ProblemOf(selection.error());
  const auto looked = dashboards.Look(request.identity, *dashboard, **tile, *selection);
  if (!looked) return ProblemOf(looked.error());
  const auto format = request.query.find("format");
  if (format != request.query.end() && format->second == "csv") return Download(dashboards, *looked, request);
  if (format != request.query.end() && format->second != "json") {
    return Problem(kBadRequest, fmt::format("parameter 'format': '{}' is neither json nor csv", format->second));
  }
  const auto quality = dashboards.QualityOf(looked->reading, request.stop);
  if (!quality) return ProblemOf(quality.error());
  std::string etag;
  if (!looked->reading.key.empty()) {
    etag = fmt::format("\"{}\"", Sha256Hex(looked->reading.key + JsonText(*quality)).substr(0, 32));
    if (request.Header("if-none-match") == etag) return {.status = kNotModified, .headers = {{"ETag", etag}}};
  }
  auto text = dashboards.Show(*looked, *quality, request.stop);
  if (!text) return ProblemOf(text.error());
  HttpResponse response{.status = kOk, .body = std::move(*text)};
  if (!etag.empty()) response.headers = {{"ETag", etag}, {"Cache-Control", "private, no-cache"}};
  return response;
}

/// The tiles that a stream shows: those that are named, or all.
std::expected<std::vector<const Tile*>, HttpResponse> TilesOf(const Dashboard& dashboard, const HttpRequest& request) {
  const auto names = request.query.find("tiles");
  if (names == request.query.end()) return dashboard.tiles();
  std::vector<const Tile*> tiles;
  std::string_view rest = names->second;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const auto tile = TileOf(dashboard, std::string(rest.substr(0, comma)));
    if (!tile) return std::unexpected(tile.error());
    if (std::find(tiles.begin(), tiles.end(), *tile) == tiles.end()) tiles.push_back(*tile);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return tiles;
}

HttpResponse WatchDashboard(DashboardService& dashboards, LiveHub& hub, const HttpRequest& request) {
  const auto dashboard = DashboardOf(dashboards, request);
  if (!dashboard) return dashboard.error();
  const auto tiles = TilesOf(**dashboard, request);
  if (!tiles) return tiles.error();
  const auto selection = dashboards.Select(request.identity, **dashboard, ChoicesOf(request), request.stop);
  if (!selection) return ProblemOf(selection.error());
  if (!selection->as_of.empty()) {
    return Problem(kBadRequest, "parameter 'as_of': what was does not change", {{"hint", "GET the tiles instead"}});
  }
  auto body = hub.Open(request.identity, *dashboard, *tiles, *selection,
                       std::string(request.Header("last-event-id").value_or("")));
  if (!body) return ProblemOf(body.error());
  return {.content_type = "text/event-stream", .stream = std::move(*body)};
}

RouteParameter Parameter(std::string name, std::string summary, Json example = nullptr) {
  return {.name = std::move(name), .summary = std::move(summary), .example = std::move(example)};
}

}  // namespace

void AddDashboardRoutes(RouteTable& routes, DashboardService& dashboards, LiveHub& hub) {
  const std::string choices =
      "The filters of the dashboard: `period=2017-01-01..2018-08-31`, `state=SP&state=RJ`. Without one its default "
      "holds; empty, all rows count.";
  const RouteParameter grain = Parameter("grain", "The time grain, one of those that the dashboard offers");
  const RouteParameter as_of =
      Parameter("as_of", "A time, or the version of a tile's only table: rows as they were then");
  routes.Add({.method = "GET",
              .pattern = "/api/v1/dashboards",
              .summary = "Lists the dashboards of the project, with owner, freshness and quality",
              .access = Access::kReader,
              .handler = [&dashboards](const HttpRequest& request) { return ListDashboards(dashboards, request); },
              .lane = Lane::kQuery,
              .id = "listDashboards",
              .tag = "dashboards",
              .answers = {{.summary = "All dashboards", .schema = internal::DashboardListSchema()}}});
  routes.Add({.method = "GET",
              .pattern = "/api/v1/dashboards/{name}",
              .summary = "Tells what a dashboard shows: pages, tiles and filters with their options",
              .access = Access::kReader,
              .handler = [&dashboards](const HttpRequest& request) { return GetDashboard(dashboards, request); },
              .lane = Lane::kQuery,
              .id = "getDashboard",
              .tag = "dashboards",
              .answers = {{.summary = "The definition", .schema = internal::DashboardSchema()}}});
  routes.Add({.method = "GET",
              .pattern = "/api/v1/dashboards/{name}/tiles/{tile}",
              .summary = "Gives the rows of a tile, with the versions they are of, their quality and their SQL",
              .parameters = {grain, as_of, Parameter("format", "`json` (default), or `csv` for all rows", "csv")},
              .access = Access::kReader,
              .handler = [&dashboards](const HttpRequest& request) { return GetTile(dashboards, request); },
              .lane = Lane::kQuery,
              .id = "getTile",
              .tag = "dashboards",
              .other_parameters = choices,
              .answers = {{.summary = "The rows", .schema = internal::TileSchema()},
                          {.summary = "The rows as CSV", .content_type = "text/csv"},
                          {.status = kNotModified, .summary = "The rows are those of the ETag", .content_type = ""}}});
  routes.Add(
      {.method = "GET",
       .pattern = "/api/v1/dashboards/{name}/live",
       .summary = "Streams the tiles of a dashboard: as they are, then whenever a commit changes them",
       .parameters = {grain, as_of, Parameter("tiles", "Their names with commas between; absent: all")},
       .access = Access::kReader,
       .handler = [&dashboards, &hub](const HttpRequest& request) { return WatchDashboard(dashboards, hub, request); },
       .lane = Lane::kQuery,
       .id = "watchDashboard",
       .tag = "dashboards",
       .description = "Events: `tile` (as the route of tiles gives it), `failed`, `quality`, `definition`.",
       .other_parameters = choices,
       .answers = {{.summary = "Server-sent events", .content_type = "text/event-stream"}}});
}

}  // namespace smelt::serve
