#pragma once

#include <string>
#include <vector>

#include "app/internal/tasks.h"
#include "base/error.h"
#include "pipeline/task.h"
#include "transform/invoke.h"

namespace smelt::app {

/// Loads what is new of the sources and tables that are named; of all where none are. Errors: those of RunIngest.
Result<pipeline::TaskOutcome> LoadNewFiles(const TaskServices& services, const pipeline::TaskContext& context,
                                           const std::vector<std::string>& sources,
                                           const std::vector<std::string>& tables);

/// Runs nodes of the dbt project; `options` says which command and which of them. Errors: those of transform::Invoke,
/// and the first of its nodes'.
Result<pipeline::TaskOutcome> BuildNodes(const TaskServices& services, const pipeline::TaskContext& context,
                                         transform::InvokeOptions options);

/// Registers the task types inputs, ingest, build, validate, contract and refresh.
void RegisterDataTasks(pipeline::TaskRegistry& registry, const TaskServices& services);

}  // namespace smelt::app
