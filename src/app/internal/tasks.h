#pragma once

#include <string>
#include <vector>

#include "app/internal/project.h"
#include "engine/session.h"
#include "pipeline/task.h"

namespace smelt::app {

/// What the tasks of a pipeline work on. The references outlive the registry.
struct TaskServices {
  engine::Engine& engine;
  const ProjectConfig& project;
  std::string data_dir;    ///< replaces the sources' location; empty: as they say
  std::string target_dir;  ///< where dbt artefacts go; empty: the project's target folder
  int threads = 0;
  bool full_refresh = false;
};

/// A sentence about files of a source's folder that were not loaded, because no table claims them.
std::string DescribeUnclaimed(const std::vector<std::string>& files);

/// Registers the task types that pipelines may use: inputs, ingest, build, validate, notify, metadata.
void RegisterTasks(pipeline::TaskRegistry& registry, const TaskServices& services);

}  // namespace smelt::app
