#pragma once

#include <optional>
#include <string>

#include "app/internal/project.h"
#include "base/error.h"
#include "engine/session.h"

namespace smelt::app {

/// The metrics of a lake, whose state is at `address`, in Prometheus' text format: runs, tasks, steps, suites, tables,
/// quarantine, incidents. Without a project, what only it knows is left out: which source a table belongs to, and when
/// pipelines are due. Errors: those of the state database and of the engine.
Result<std::string> MetricsText(engine::Engine& engine, const state::StoreAddress& address,
                                const std::optional<ProjectConfig>& project, std::int64_t now_us);

}  // namespace smelt::app
