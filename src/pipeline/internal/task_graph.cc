#include "pipeline/internal/task_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace smelt::pipeline::internal {
namespace {

using Positions = std::map<std::string_view, std::size_t>;

Result<Positions> IndexByName(const std::vector<TaskDefinition>& tasks) {
  Positions positions;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const auto [first, is_new] = positions.emplace(tasks[i].name, i);
    if (is_new) continue;
    return Fail(
        tasks[i]
            .place
            .ErrorHere(ErrorCode::kPipelineGraph, fmt::format("two tasks are named '{}'; the first stands on line {}",
                                                              tasks[i].name, tasks[first->second].place.line()))
            .Hint("give each task a name of its own"));
  }
  return positions;
}

Status CheckNeeds(const std::vector<TaskDefinition>& tasks, const Positions& positions) {
  std::vector<std::string_view> names;
  for (const TaskDefinition& task : tasks) names.push_back(task.name);
  for (const TaskDefinition& task : tasks) {
    for (const std::string& need : task.needs) {
      if (positions.contains(need)) continue;
      const std::string near = NearestWord(need, names);
      return Fail(
          task.place
              .ErrorHere(ErrorCode::kPipelineGraph,
                         fmt::format("the task '{}' needs '{}', which is no task of this pipeline", task.name, need))
              .Hint(near.empty() ? fmt::format("its tasks are: {}", fmt::join(names, ", "))
                                 : fmt::format("did you mean '{}'?", near)));
    }
  }
  return {};
}

/// Walks from an unplaced task along unplaced needs until a task comes round again: the cycle, as "a → b → a".
std::string DescribeCycle(const std::vector<TaskDefinition>& tasks, const Positions& positions,
                          const std::vector<bool>& placed, std::size_t start) {
  std::vector<std::size_t> path;
  std::size_t at = start;
  while (std::ranges::find(path, at) == path.end()) {
    path.push_back(at);
    const auto& needs = tasks[at].needs;
    at = positions.at(
        *std::ranges::find_if(needs, [&](const std::string& need) { return !placed[positions.at(need)]; }));
  }
  std::string text = tasks[at].name;
  for (auto step = std::ranges::find(path, at) + 1; step != path.end(); ++step) text += " → " + tasks[*step].name;
  return text + " → " + tasks[at].name;
}

}  // namespace

Result<std::vector<TaskDefinition>> SortTasks(std::vector<TaskDefinition> tasks) {
  SMELT_ASSIGN(const Positions positions, IndexByName(tasks));
  SMELT_TRY(CheckNeeds(tasks, positions));
  std::vector<bool> placed(tasks.size(), false);
  std::vector<std::size_t> order;
  while (order.size() < tasks.size()) {
    const std::size_t before = order.size();
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const bool ready =
          std::ranges::all_of(tasks[i].needs, [&](const auto& need) { return placed[positions.at(need)]; });
      if (placed[i] || !ready) continue;
      placed[i] = true;
      order.push_back(i);
    }
    if (order.size() > before) continue;
    const auto start = static_cast<std::size_t>(std::ranges::find(placed, false) - placed.begin());
    return Fail(tasks[start]
                    .place
                    .ErrorHere(ErrorCode::kPipelineGraph, fmt::format("the tasks need each other in a circle: {}",
                                                                      DescribeCycle(tasks, positions, placed, start)))
                    .Hint("remove one of these needs"));
  }
  std::vector<TaskDefinition> sorted;
  for (const std::size_t i : order) sorted.push_back(std::move(tasks[i]));
  return sorted;
}

}  // namespace smelt::pipeline::internal
