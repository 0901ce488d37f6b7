#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "pipeline/definition.h"
#include "serve/access_control.h"
#include "serve/route_table.h"
#include "state/schedule_store.h"

namespace smelt::serve {

/// What the routes of pipelines work on. Copied into them; the store must outlive them.
struct PipelineService {
  state::ScheduleStore& store;
  std::string project{};  ///< its name, for the records
  std::string folder{};   ///< of the pipeline files, read anew for every call
  /// Whether a definition that can be read is right in all that it refers to. Thread-safe; may be empty.
  std::function<Status(const pipeline::Pipeline&)> check{};
};

/// Adds `POST /api/v1/pipelines/{name}/runs`, which queues a run of a pipeline that takes calls and answers 202 when
/// that is on record, and `GET /api/v1/pipelines/{name}/runs/{id}`, which tells how a run stands.
void AddPipelineRoutes(RouteTable& routes, const PipelineService& service);

/// For AccessControl: the trigger of a pipeline as its file says now.
AccessControl::FindTrigger TriggersOf(std::string folder);

}  // namespace smelt::serve
