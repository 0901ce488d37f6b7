#pragma once

#include "app/internal/project.h"
#include "base/error.h"
#include "pipeline/definition.h"
#include "pipeline/pools.h"
#include "pipeline/task.h"

namespace smelt::app {

/// What a definition is checked against.
struct DefinitionPlace {
  const ProjectConfig& project;
  const pipeline::TaskRegistry& registry;
  const pipeline::Pools& pools;
  bool sees_commits = true;  ///< whether commits to tables of the lake can be noticed
};

/// Whether everything that a definition refers to is there, before anything runs: task types and their settings, pools,
/// other pipelines, files, sources, suites, channels. Errors, with file, line and cure: kConfig…, kPipelineTaskType,
/// kPipelineGraph for pipelines that run each other in a circle, kPipelineNotFound.
Status CheckDefinition(const pipeline::Pipeline& definition, const DefinitionPlace& place);

/// CheckDefinition for every pipeline of the project. Errors: also those of LoadPipelines.
Status CheckDefinitions(const DefinitionPlace& place);

}  // namespace smelt::app
