#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "app/internal/command.h"
#include "app/internal/serving/doors.h"
#include "app/internal/serving/operations_recorder.h"
#include "base/error.h"
#include "observe/metrics.h"
#include "serve/dashboards/live_hub.h"
#include "serve/data/data_api.h"
#include "serve/query_service.h"
#include "serve/route_table.h"
#include "transform/live_metrics.h"

namespace smelt::app {

/// What a server offers over an open lake, put together: each part is made once, and outlives the server.
class ServerParts {
 public:
  struct Place {
    const CommandContext& context;
    const std::optional<ProjectConfig>& project;
    engine::Engine& engine;
    Doors doors;                    ///< who may do what
    std::int64_t statement_ms = 0;  ///< for a statement that says nothing of it
  };

  /// Makes them. What `place` names outlives them. Errors: those of the parts.
  static Result<std::unique_ptr<ServerParts>> Make(const Place& place);
  /// Adds the routes of all parts.
  void AddRoutes(serve::RouteTable& routes);
  /// Adds what the parts did.
  void AddMetrics(observe::MetricSet& metrics) const;

 private:
  explicit ServerParts(const Place& place);

  const Place place_;
  serve::QueryService queries_;
  std::unique_ptr<OperationsRecorder> operations_;  ///< of a project, and so are the others
  std::unique_ptr<transform::LiveSemanticLayer> metrics_;
  std::unique_ptr<serve::DashboardService> dashboards_;
  std::unique_ptr<serve::LiveHub> live_;
  std::unique_ptr<serve::DataApi> data_;
};

}  // namespace smelt::app
