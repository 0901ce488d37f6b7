#include "app/internal/dbt/lineage_graph.h"

namespace smelt::app {

LineageGraph::LineageGraph(const transform::ProjectLineage& lineage) : lineage_(lineage) {
  for (const auto& [id, node] : lineage.nodes) {
    for (const transform::LineageColumn& column : node.columns) {
      for (const transform::ColumnInput& input : column.inputs) {
        LineageEdge edge{input.from, {id, column.name}, input.how};
        out_of_[{input.from.node, input.from.column}].push_back(edge);
        into_[edge.to].push_back(std::move(edge));
      }
    }
  }
}

const std::vector<LineageEdge>& LineageGraph::At(const Steps& steps, const ColumnKey& column) {
  static const std::vector<LineageEdge> kNone;
  const auto found = steps.find(column);
  return found == steps.end() ? kNone : found->second;
}

std::vector<ColumnKey> LineageGraph::Targets() const {
  const transform::ColumnRef& target = lineage_.target;
  if (!target.column.empty()) return {{target.node, target.column}};
  std::vector<ColumnKey> columns;
  for (const auto& [id, node] : lineage_.nodes) {
    if (!target.node.empty() && id != target.node) continue;
    for (const transform::LineageColumn& column : node.columns) columns.emplace_back(id, column.name);
  }
  return columns;
}

void LineageGraph::Follow(const Steps& steps, bool forward,
                          std::map<std::pair<ColumnKey, ColumnKey>, LineageEdge>& found) const {
  std::vector<ColumnKey> open = Targets();
  std::set<ColumnKey> seen(open.begin(), open.end());
  while (!open.empty()) {
    const ColumnKey column = open.back();
    open.pop_back();
    for (const LineageEdge& edge : At(steps, column)) {
      const ColumnKey from{edge.from.node, edge.from.column};
      found.emplace(std::pair(from, edge.to), edge);
      const ColumnKey& next = forward ? edge.to : from;
      if (seen.insert(next).second) open.push_back(next);
    }
  }
}

std::vector<LineageEdge> LineageGraph::Reached(bool upstream, bool downstream) const {
  std::map<std::pair<ColumnKey, ColumnKey>, LineageEdge> found;
  if (upstream) Follow(into_, false, found);
  if (downstream) Follow(out_of_, true, found);
  std::vector<LineageEdge> edges;
  edges.reserve(found.size());
  for (auto& [ends, edge] : found) edges.push_back(std::move(edge));
  return edges;
}

std::string LineageGraph::NodeName(const std::string& id) const {
  const auto node = lineage_.nodes.find(id);
  return node == lineage_.nodes.end() ? id : node->second.name;
}

std::string LineageGraph::NameOf(const ColumnKey& column) const {
  return NodeName(column.first) + "." + column.second;
}

std::string LineageGraph::NameOf(const transform::ColumnRef& ref) const {
  return NameOf(ColumnKey{ref.node, ref.column}) + (ref.field.empty() ? "" : "." + ref.field);
}

}  // namespace smelt::app
