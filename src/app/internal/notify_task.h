#pragma once

#include "app/internal/project.h"
#include "pipeline/task.h"

namespace smelt::app {

/// Registers the task type `notify`: a message to channels of the project, sent when the task runs. `project` outlives
/// the registry.
void RegisterNotifyTask(pipeline::TaskRegistry& registry, const ProjectConfig& project);

}  // namespace smelt::app
