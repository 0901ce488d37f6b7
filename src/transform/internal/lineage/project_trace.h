#pragma once

#include <stop_token>

#include "base/error.h"
#include "engine/session.h"
#include "transform/internal/project/project.h"
#include "transform/lineage.h"

namespace smelt::transform {

/// TraceLineage of a project that is loaded already.
Result<ProjectLineage> TraceProject(engine::Engine& engine, const Project& project, const InvokeOptions& options,
                                    const LineageRequest& request, std::stop_token stop);

}  // namespace smelt::transform
