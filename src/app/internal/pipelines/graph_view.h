#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/internal/terminal/terminal.h"
#include "base/json.h"
#include "pipeline/definition.h"
#include "state/records.h"

namespace smelt::app {

/// The tasks of a run by name: the last attempt of each. Tasks that are not there have not begun.
using TaskStates = std::map<std::string, state::TaskRecord>;

/// The names of the tasks on the longest way through a run, by the time that each took, from the first to the last.
std::vector<std::string> CriticalPath(const pipeline::Pipeline& pipeline, const TaskStates& states,
                                      std::int64_t now_us);

/// Draws the tasks of a pipeline as a tree, each below the one that it waits for longest, with how it stands. Other
/// needs are named behind it. Tasks on the critical path of a run that began are marked. `names` is what expressions in
/// texts see, as NamesOfRun has it.
std::string RenderGraph(const pipeline::Pipeline& pipeline, const TaskStates& states, const Json& names,
                        std::int64_t now_us, const Terminal& terminal);

}  // namespace smelt::app
