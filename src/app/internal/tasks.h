#pragma once

#include <string>
#include <vector>

#include "app/internal/project.h"
#include "engine/session.h"
#include "pipeline/pools.h"
#include "pipeline/task.h"
#include "state/schedule_store.h"

namespace smelt::app {

/// What the tasks of a pipeline work on. The references outlive the registry.
struct TaskServices {
  engine::Engine& engine;
  const ProjectConfig& project;
  std::string data_dir;    ///< replaces the sources' location; empty: as they say
  std::string target_dir;  ///< where dbt artefacts go; empty: the project's target folder
  int threads = 0;
  bool full_refresh = false;
  state::ScheduleStore* store = nullptr;  ///< for approvals and the runs of sub-pipelines
  std::string log_dir{};                  ///< where the output of commands goes; empty: nowhere
  pipeline::Pools* pools = nullptr;       ///< of the project
};

/// A sentence about files of a source's folder that were not loaded, because no table claims them.
std::string DescribeUnclaimed(const std::vector<std::string>& files);
/// The same of files that are still being written.
std::string DescribeWaiting(const std::vector<std::string>& files);

/// Registers the task types that pipelines may use: inputs, ingest, build, validate, notify, report, metadata; those of
/// pipelines/lake_tasks.h and pipeline/tasks.h; and, with a store, pipeline. The registry stays where it is.
void RegisterTasks(pipeline::TaskRegistry& registry, const TaskServices& services);

}  // namespace smelt::app
