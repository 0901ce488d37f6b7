#include "app/internal/serving/server_metrics.h"

#include <fmt/format.h>

#include "observe/metrics.h"

namespace smelt::app {
namespace {

using observe::MetricSet;
using observe::MetricType;

void AddConnections(MetricSet& metrics, const std::string& door, const serve::DoorCounts& counts) {
  const auto add = [&](std::string_view ending, MetricType type, std::string_view help, std::int64_t value) {
    const std::string name = fmt::format("smelt_{}_connections{}", door, ending);
    metrics.Declare(name, type, help);
    metrics.Add(name, static_cast<double>(value));
  };
  add("", MetricType::kGauge, "Connections that are open.", counts.open);
  add("_total", MetricType::kCounter, "Connections that were accepted.", counts.accepted);
  add("_refused_total", MetricType::kCounter, "Connections that were turned away for want of places.", counts.refused);
}

void AddRequests(MetricSet& metrics, const serve::DoorCounts& counts) {
  metrics.Declare("smelt_http_requests_total", MetricType::kCounter, "Requests by route and status.");
  metrics.Declare("smelt_http_request_seconds_total", MetricType::kCounter, "Time until their answers began.");
  for (const auto& [key, sum] : counts.work) {
    const auto& [what, status] = key;
    const std::size_t space = what.find(' ');
    // What has no route has no method that could be told: clients make them up.
    const observe::MetricLabels labels = {{"method", space == std::string::npos ? "" : what.substr(0, space)},
                                          {"route", space == std::string::npos ? "" : what.substr(space + 1)},
                                          {"status", status}};
    metrics.Add("smelt_http_requests_total", static_cast<double>(sum.times), labels);
    metrics.Add("smelt_http_request_seconds_total", sum.seconds, labels);
  }
}

void AddStatements(MetricSet& metrics, const serve::DoorCounts& counts) {
  metrics.Declare("smelt_postgres_statements_total", MetricType::kCounter,
                  "Statements by SQLSTATE, which of those that succeeded is 00000.");
  metrics.Declare("smelt_postgres_statement_seconds_total", MetricType::kCounter,
                  "Time until their last rows were sent.");
  for (const auto& [key, sum] : counts.work) {
    const observe::MetricLabels labels = {{"sqlstate", key.second}};
    metrics.Add("smelt_postgres_statements_total", static_cast<double>(sum.times), labels);
    metrics.Add("smelt_postgres_statement_seconds_total", sum.seconds, labels);
  }
}

}  // namespace

std::string ServerMetricsText(const ServerParts& parts, const serve::DoorCounts& http,
                              const serve::DoorCounts& postgres) {
  MetricSet metrics;
  AddConnections(metrics, "http", http);
  AddRequests(metrics, http);
  AddConnections(metrics, "postgres", postgres);
  AddStatements(metrics, postgres);
  parts.AddMetrics(metrics);
  return metrics.Text();
}

}  // namespace smelt::app
