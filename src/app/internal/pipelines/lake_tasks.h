#pragma once

#include "engine/session.h"
#include "pipeline/run.h"
#include "pipeline/task.h"

namespace smelt::app {

/// Asks a lake for the items of a task. The engine must outlive the function.
pipeline::QueryFunction LakeQuery(engine::Engine& engine);

/// Registers the task types that work on tables by SQL: sql, optimize, vacuum. Relative files start at `project_dir`.
/// The engine outlives the registry.
void RegisterLakeTasks(pipeline::TaskRegistry& registry, engine::Engine& engine, const std::string& project_dir);

}  // namespace smelt::app
