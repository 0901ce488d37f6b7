#pragma once

#include <vector>

#include "app/internal/tasks.h"
#include "base/config.h"
#include "base/error.h"
#include "pipeline/task.h"
#include "quality/contract.h"

namespace smelt::app {

/// The contracts of a project that a list names by id or name; all that are not retired where there is no list.
/// Errors: kConfigValueInvalid at the name that no contract has; those of LoadContracts.
Result<std::vector<quality::DataContract>> ChooseContracts(const ProjectConfig& project,
                                                           const std::optional<ConfigNode>& names);

/// Registers the task type contract, which holds the lake against contracts, promises of service included.
void RegisterContractTask(pipeline::TaskRegistry& registry, const TaskServices& services);

}  // namespace smelt::app
