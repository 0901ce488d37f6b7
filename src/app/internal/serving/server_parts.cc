#include "app/internal/serving/server_parts.h"

#include "app/internal/project.h"
#include "serve/dashboards/dashboard_routes.h"
#include "serve/metrics/metric_routes.h"
#include "serve/metrics/tile_metrics.h"
#include "serve/pages/page_routes.h"
#include "serve/quality_routes.h"

namespace smelt::app {

ServerParts::ServerParts(const Place& place) : place_(place), queries_(place.engine, *place.doors.authority, {}) {}

Result<std::unique_ptr<ServerParts>> ServerParts::Make(const Place& place) {
  std::unique_ptr<ServerParts> parts(new ServerParts(place));
  if (place.project) {
    SMELT_ASSIGN(const state::StoreAddress address, StateAddress(place.context));
    SMELT_ASSIGN(parts->operations_, OperationsRecorder::Start(place.engine, address));
    transform::InvokeOptions options;
    options.project_dir = place.project->dbt;
    parts->metrics_ = std::make_unique<transform::LiveSemanticLayer>(std::move(options));
    parts->dashboards_ = std::make_unique<serve::DashboardService>(
        place.engine, parts->queries_, place.project->dir + "/dashboards", serve::MetricsOfTiles(*parts->metrics_));
    SMELT_ASSIGN(parts->live_, serve::LiveHub::Start(place.engine, *parts->dashboards_, {}));
  }
  SMELT_ASSIGN(parts->data_, serve::DataApi::Make(place.engine, *place.doors.authority));
  return parts;
}

void ServerParts::AddRoutes(serve::RouteTable& routes) {
  serve::AddPageRoutes(routes);
  serve::AddQualityRoutes(routes, queries_);
  if (dashboards_) serve::AddDashboardRoutes(routes, *dashboards_, *live_);
  data_->AddRoutes(routes);
  if (metrics_) serve::AddMetricRoutes(routes, *metrics_, queries_);
}

}  // namespace smelt::app
