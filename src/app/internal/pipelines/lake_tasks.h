#pragma once

#include "engine/session.h"
#include "pipeline/task.h"

namespace smelt::app {

/// Registers the task types that work on tables by SQL: sql, optimize, vacuum. Relative files start at `project_dir`.
/// The engine outlives the registry.
void RegisterLakeTasks(pipeline::TaskRegistry& registry, engine::Engine& engine, const std::string& project_dir);

}  // namespace smelt::app
