#pragma once

#include <vector>

#include "base/error.h"
#include "pipeline/definition.h"

namespace smelt::pipeline::internal {

/// Puts every task behind those it needs, otherwise in the order of the file.
/// Errors: kPipelineGraph for a name used twice, an unknown need or a cycle, at the task's place.
Result<std::vector<TaskDefinition>> SortTasks(std::vector<TaskDefinition> tasks);

}  // namespace smelt::pipeline::internal
