#pragma once

#include <string>

#include "serve/pipeline_routes.h"
#include "serve/route_table.h"

namespace smelt::serve {

/// What the routes of runs work on beside the pipelines.
struct RunService {
  PipelineService pipelines;
  std::string log_folder{};  ///< where the output of tasks' commands lies
};

/// Adds the routes that show pipelines and runs, `GET /api/v1/pipelines`, `/api/v1/runs`, `/api/v1/runs/{id}` and
/// `/api/v1/runs/{id}/tasks/{task}/log`, and those that steer them: `POST /api/v1/runs/{id}/cancel`,
/// `/api/v1/pipelines/{name}/backfill`, `…/pause` and `…/resume`.
void AddRunRoutes(RouteTable& routes, const RunService& service);

}  // namespace smelt::serve
