#include "transform/internal/project/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace smelt::transform {
namespace {

using Nodes = std::map<std::string, Node>;

/// A cycle among the nodes that cannot be ordered: each of them depends on another of them, so following any such
/// dependency comes back to a node seen before.
Error DescribeCycle(const Nodes& nodes, const std::map<std::string, std::size_t>& waiting) {
  std::vector<std::string> path;
  std::string id = waiting.begin()->first;
  while (std::ranges::find(path, id) == path.end()) {
    path.push_back(id);
    id = *std::ranges::find_if(nodes.at(id).depends_on,
                               [&](const std::string& input) { return waiting.contains(input); });
  }
  path.erase(path.begin(), std::ranges::find(path, id));
  // The smallest id goes first, so that the same cycle always reads the same.
  std::ranges::rotate(path, std::ranges::min_element(path));
  const Node& first = nodes.at(path.front());
  std::string text;
  for (const std::string& step : path) text += nodes.at(step).name + " → ";
  return Error(ErrorCode::kDbtCycle, fmt::format("models depend on each other in a circle: {}{}", text, first.name))
      .Hint("an arrow points to what a model refers to; take one of these references away")
      .At(first.file, first.line);
}

}  // namespace

Result<std::vector<std::string>> OrderNodes(const Nodes& nodes) {
  std::map<std::string, std::size_t> waiting;  // how many inputs are not in the order yet
  std::map<std::string, std::vector<std::string>> readers;
  std::set<std::string> ready;
  for (const auto& [id, node] : nodes) {
    if (node.depends_on.empty()) {
      ready.insert(id);
    } else {
      waiting[id] = node.depends_on.size();
    }
    for (const std::string& input : node.depends_on) readers[input].push_back(id);
  }
  std::vector<std::string> order;
  while (!ready.empty()) {
    std::string id = *ready.begin();
    ready.erase(ready.begin());
    for (const std::string& reader : readers[id]) {
      if (--waiting[reader] > 0) continue;
      waiting.erase(reader);
      ready.insert(reader);
    }
    order.push_back(std::move(id));
  }
  if (!waiting.empty()) return Fail(DescribeCycle(nodes, waiting));
  return order;
}

}  // namespace smelt::transform
