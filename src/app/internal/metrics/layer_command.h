#pragma once

#include <functional>
#include <memory>

#include "app/internal/command.h"
#include "app/internal/dbt/invocation.h"
#include "transform/metrics.h"

namespace smelt::app {

/// Makes a command of one that asks the semantic layer of a project: adds the options that name the project, and loads
/// it when the command runs.
void OnSemanticLayer(CLI::App& command, CommandContext& context,
                     std::function<Result<int>(DbtInvocation&, const transform::SemanticLayer&)> run);

}  // namespace smelt::app
