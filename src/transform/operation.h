#pragma once

#include <stop_token>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "engine/session.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// Calls a macro of the project, "name" or "package.name", with arguments by name: `run-operation`. It sees what hooks
/// see, with execute = true, and may ref() nodes; each statement that it runs is a transaction of its own. With
/// write_artefacts, its result goes into run_results.json.
/// Errors: those of the project, before the macro runs; kJinjaUndefined when there is no such macro. What goes wrong
/// in it is the result's error.
Result<NodeResult> RunOperation(engine::Engine& engine, const InvokeOptions& options, const std::string& macro,
                                const Json& arguments, std::stop_token stop = {});

}  // namespace smelt::transform
