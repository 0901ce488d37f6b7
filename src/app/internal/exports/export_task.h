#pragma once

#include "app/internal/project.h"
#include "engine/session.h"
#include "pipeline/task.h"

namespace smelt::app {

/// Registers the task type `export`, which writes workbooks of the project. Both references outlive the registry.
void RegisterExportTask(pipeline::TaskRegistry& registry, engine::Engine& engine, const ProjectConfig& project);

}  // namespace smelt::app
