#include "app/internal/serving/server_parts.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "app/internal/project.h"
#include "serve/dashboards/dashboard_routes.h"
#include "serve/metrics/metric_routes.h"
#include "serve/metrics/tile_metrics.h"
#include "serve/pages/page_routes.h"
#include "serve/quality_routes.h"

namespace smelt::app {

namespace {

serve::DataLimits DataLimitsOf(std::int64_t statement_ms) {
  serve::DataLimits limits{.ms_default = statement_ms};
  limits.ms_max = std::max(limits.ms_max, statement_ms);
  return limits;
}

}  // namespace

ServerParts::ServerParts(const Place& place)
    : place_(place), queries_(place.engine, *place.doors.authority, {.ms_max = place.statement_ms}) {}

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
  SMELT_ASSIGN(parts->data_,
               serve::DataApi::Make(place.engine, *place.doors.authority, DataLimitsOf(place.statement_ms)));
  return parts;
}

void ServerParts::AddMetrics(observe::MetricSet& metrics) const {
  using observe::MetricType;
  const auto add = [&metrics](std::string_view name, MetricType type, std::string_view help, auto value,
                              observe::MetricLabels labels = {}) {
    metrics.Declare(name, type, help);
    metrics.Add(name, static_cast<double>(value), std::move(labels));
  };
  const serve::QueryCounts answers = queries_.counts();
  add("smelt_answers_total", MetricType::kCounter, "Questions of dashboards and metrics by what answered them.",
      answers.computed, {{"by", "statement"}});
  metrics.Add("smelt_answers_total", static_cast<double>(answers.hits), {{"by", "cache"}});
  metrics.Add("smelt_answers_total", static_cast<double>(answers.shared), {{"by", "another"}});
  add("smelt_answers_evicted_total", MetricType::kCounter, "Kept answers that made room for others.", answers.evicted);
  add("smelt_answers_cached_bytes", MetricType::kGauge, "Memory of kept answers.", answers.cached_bytes);
  add("smelt_sql_statements", MetricType::kGauge, "Statements at work that came by HTTP.", data_->at_work());
  if (!live_) return;
  const serve::LiveCounts live = live_->counts();
  add("smelt_live_viewers", MetricType::kGauge, "Open pages that follow commits.", live.viewers);
  add("smelt_live_tiles", MetricType::kGauge, "Distinct tiles that these look at.", live.tiles);
  add("smelt_live_computed_total", MetricType::kCounter, "Times that a commit made a tile be computed.", live.computed);
  add("smelt_live_events_total", MetricType::kCounter, "Events that this made.", live.published);
  add("smelt_live_deliveries_total", MetricType::kCounter, "Events that went out to pages.", live.delivered);
}

void ServerParts::AddRoutes(serve::RouteTable& routes) {
  serve::AddPageRoutes(routes);
  serve::AddQualityRoutes(routes, queries_);
  if (dashboards_) serve::AddDashboardRoutes(routes, *dashboards_, *live_);
  data_->AddRoutes(routes);
  if (metrics_) serve::AddMetricRoutes(routes, *metrics_, queries_);
}

}  // namespace smelt::app
