#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "pipeline/definition.h"
#include "pipeline/report.h"
#include "pipeline/run.h"
#include "pipeline/task.h"

namespace smelt::pipeline::internal {

/// "load[3]": what a task is called that is done for an item. No task of a definition can have such a name.
std::string ItemName(std::string_view task, std::size_t index);

/// The work of a task of `for_each` itself: to find its items, which it gives as a list in `items` of its details.
/// `query` must outlive it. Errors: kConfigValueInvalid, at its place, for an expression that gives no list.
Result<TaskFunction> FindItems(const ForEach& each, const Json& names, const QueryFunction& query);

/// Takes the items out of what FindItems gave.
Json TakeItems(TaskOutcome& outcome);

/// Fills the report of a task with what became of its items: sums, outputs in the order of the items, the worst status.
/// `parts` are their reports; each is settled.
void SumItems(const std::vector<const TaskReport*>& parts, TaskReport& report);

}  // namespace smelt::pipeline::internal
