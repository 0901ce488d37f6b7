#include "app/internal/dbt/lineage_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/internal/dbt/lineage_graph.h"
#include "app/internal/terminal/text.h"
#include "base/json.h"

namespace smelt::app {
namespace {

using transform::ColumnRef;
using transform::LineageColumn;
using transform::NodeLineage;

std::string Names(const std::vector<ColumnRef>& refs, const LineageGraph& graph) {
  std::string names;
  for (const ColumnRef& ref : refs) names += (names.empty() ? "" : ", ") + OneLine(graph.NameOf(ref));
  return names;
}

/// Draws the steps from a column as a tree; what was drawn before is not drawn again.
class Tree {
 public:
  Tree(const LineageGraph& graph, bool forward) : graph_(graph), forward_(forward) {}

  std::string Draw(const ColumnKey& column) {
    DrawBelow(column, "");
    return std::move(text_);
  }

 private:
  void DrawBelow(const ColumnKey& column, const std::string& indent) {
    const auto& edges = forward_ ? graph_.OutOf(column) : graph_.Into(column);
    for (std::size_t i = 0; i < edges.size(); ++i) {
      const bool is_last = i + 1 == edges.size();
      const LineageEdge& edge = edges[i];
      const ColumnKey next = forward_ ? edge.to : ColumnKey{edge.from.node, edge.from.column};
      const std::string name = forward_ ? graph_.NameOf(edge.to) : graph_.NameOf(edge.from);
      const bool has_more = !(forward_ ? graph_.OutOf(next) : graph_.Into(next)).empty();
      const bool is_known = has_more && !drawn_.insert(next).second;
      text_ += fmt::format("{}{} {}  {}{}\n", indent, is_last ? "└─" : "├─", OneLine(name),
                           engine::DerivationText(edge.how), is_known ? "  (as above)" : "");
      if (!is_known) DrawBelow(next, indent + (is_last ? "   " : "│  "));
    }
  }

  const LineageGraph& graph_;
  bool forward_;
  std::set<ColumnKey> drawn_;
  std::string text_;
};

/// What could not be traced of a node.
std::string Complaints(const NodeLineage& node) {
  std::string text;
  if (!node.problem.empty()) text += fmt::format("  not traced: {}\n", OneLine(node.problem));
  for (const std::string& what : node.untraced) text += fmt::format("  not followed: {}\n", OneLine(what));
  return text;
}

std::string ColumnText(const NodeLineage& node, const LineageColumn& column, const LineageGraph& graph,
                       const LineageView& view) {
  const ColumnKey key{node.unique_id, column.name};
  std::string text = fmt::format("{}  {}  ({} {})\n", OneLine(graph.NameOf(key)), OneLine(column.type),
                                 node.resource_type, node.unique_id);
  if (view.upstream) {
    const std::string made = Tree(graph, false).Draw(key);
    text += made.empty() ? "\nmade of no other column\n" : "\nmade of\n" + made;
    std::vector<ColumnRef> influences = column.influences;
    influences.insert(influences.end(), node.influences.begin(), node.influences.end());
    std::ranges::sort(influences);
    influences.erase(std::ranges::unique(influences).begin(), influences.end());
    if (!influences.empty())
      text += "\ndecided by (filters, joins, groups, order)\n  " + Names(influences, graph) + "\n";
  }
  if (view.downstream) {
    const std::string used = Tree(graph, true).Draw(key);
    text += used.empty() ? "\nused by no other column\n" : "\nused by\n" + used;
  }
  return text + Complaints(node);
}

/// "stg_orders.id copy, stg_payments.amount aggregated".
std::string InputsText(const LineageColumn& column, const LineageGraph& graph) {
  std::string text;
  for (const transform::ColumnInput& input : column.inputs) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", OneLine(graph.NameOf(input.from)),
                        engine::DerivationText(input.how));
  }
  return text;
}

std::string NodeText(const NodeLineage& node, const LineageGraph& graph, const LineageView& view) {
  int name_width = 0, type_width = 0;
  for (const LineageColumn& column : node.columns) {
    constexpr int kWidthMax = 40;
    name_width = std::max(name_width, std::min(kWidthMax, DisplayWidth(OneLine(column.name))));
    type_width = std::max(type_width, std::min(kWidthMax, DisplayWidth(OneLine(column.type))));
  }
  std::string text = fmt::format("{}  ({} {})\n", OneLine(node.name), node.resource_type, node.unique_id);
  std::map<std::string, std::set<std::string>> readers;
  for (const LineageColumn& column : node.columns) {
    const std::string inputs = view.upstream ? InputsText(column, graph) : "";
    std::string line = fmt::format("  {}  {}  {}", PadRight(OneLine(column.name), name_width),
                                   PadRight(OneLine(column.type), type_width), inputs);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
    for (const LineageEdge& edge : graph.OutOf({node.unique_id, column.name})) {
      readers[graph.NodeName(edge.to.first)].insert(column.name);
    }
  }
  if (view.upstream && !node.influences.empty()) {
    text += "rows decided by " + Names(node.influences, graph) + "\n";
  }
  if (view.downstream && !readers.empty()) {
    text += "used by\n";
    for (const auto& [reader, columns] : readers) {
      std::string names;
      for (const std::string& column : columns) names += (names.empty() ? "" : ", ") + OneLine(column);
      text += fmt::format("  {}: {}\n", OneLine(reader), names);
    }
  }
  return text + Complaints(node);
}

std::string EverythingText(const transform::ProjectLineage& lineage) {
  std::string text;
  std::int64_t columns = 0, failed = 0;
  for (const auto& [id, node] : lineage.nodes) {
    text += fmt::format("{}  {}, {} column{}\n", OneLine(node.name), node.resource_type, node.columns.size(),
                        node.columns.size() == 1 ? "" : "s");
    text += Complaints(node);
    columns += static_cast<std::int64_t>(node.columns.size());
    failed += node.problem.empty() ? 0 : 1;
  }
  text += fmt::format("{} columns of {} nodes, {} nodes traced now", FormatCount(columns),
                      FormatCount(static_cast<std::int64_t>(lineage.nodes.size())), FormatCount(lineage.traced));
  if (failed > 0) text += fmt::format(", {} not traced", FormatCount(failed));
  return text + "; `smelt lineage NODE.COLUMN` follows one\n";
}

Json RefJson(const ColumnRef& ref) {
  Json json = {{"node", ref.node}, {"column", ref.column}};
  if (!ref.field.empty()) json["field"] = ref.field;
  return json;
}

Json KeyJson(const ColumnKey& key) {
  return {{"node", key.first}, {"column", key.second}};
}

/// The nodes that edges lead to and from, and the one that was asked for.
std::set<std::string> NodesOf(const std::vector<LineageEdge>& edges, const transform::ProjectLineage& lineage) {
  std::set<std::string> nodes;
  if (lineage.target.node.empty()) {
    for (const auto& [id, node] : lineage.nodes) nodes.insert(id);
  } else {
    nodes.insert(lineage.target.node);
  }
  for (const LineageEdge& edge : edges) {
    nodes.insert(edge.from.node);
    nodes.insert(edge.to.first);
  }
  return nodes;
}

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::string LineageText(const transform::ProjectLineage& lineage, const LineageView& view) {
  const LineageGraph graph(lineage);
  if (lineage.target.node.empty()) return EverythingText(lineage);
  const NodeLineage& node = lineage.nodes.at(lineage.target.node);
  const LineageColumn* column = lineage.target.column.empty() ? nullptr : node.Find(lineage.target.column);
  return column == nullptr ? NodeText(node, graph, view) : ColumnText(node, *column, graph, view);
}

std::string LineageJson(const transform::ProjectLineage& lineage, const LineageView& view) {
  const LineageGraph graph(lineage);
  const std::vector<LineageEdge> edges = graph.Reached(view.upstream, view.downstream);
  Json json = {{"target", lineage.target.node.empty() ? Json() : RefJson(lineage.target)}};
  json["nodes"] = Json::object();
  json["edges"] = Json::array();
  json["influences"] = Json::array();
  for (const LineageEdge& edge : edges) {
    json["edges"].push_back(
        {{"from", RefJson(edge.from)}, {"to", KeyJson(edge.to)}, {"how", engine::DerivationText(edge.how)}});
  }
  for (const std::string& id : NodesOf(edges, lineage)) {
    const auto found = lineage.nodes.find(id);
    if (found == lineage.nodes.end()) continue;
    const NodeLineage& node = found->second;
    Json& text = json["nodes"][id] = {{"name", node.name}, {"resource_type", node.resource_type}};
    text["problem"] = node.problem.empty() ? Json() : Json(node.problem);
    text["untraced"] = node.untraced;
    text["columns"] = Json::object();
    auto influence = [&](const ColumnRef& from, const Json& column) {
      json["influences"].push_back({{"from", RefJson(from)}, {"to", {{"node", id}, {"column", column}}}});
    };
    for (const LineageColumn& column : node.columns) {
      text["columns"][column.name] = column.type.empty() ? Json() : Json(column.type);
      for (const ColumnRef& ref : column.influences) influence(ref, column.name);
    }
    for (const ColumnRef& ref : node.influences) influence(ref, nullptr);
  }
  return JsonText(json) + "\n";
}

std::string LineageDot(const transform::ProjectLineage& lineage, const LineageView& view) {
  const LineageGraph graph(lineage);
  const std::vector<LineageEdge> edges = graph.Reached(view.upstream, view.downstream);
  std::map<std::string, std::set<std::string>> columns;
  for (const ColumnKey& target : lineage.target.node.empty() ? std::vector<ColumnKey>() : graph.Targets()) {
    columns[target.first].insert(target.second);
  }
  for (const LineageEdge& edge : edges) {
    columns[edge.from.node].insert(edge.from.column);
    columns[edge.to.first].insert(edge.to.second);
  }
  std::string text = "digraph lineage {\n  rankdir = LR;\n  node [shape = box, fontname = \"sans-serif\"];\n";
  for (const auto& [id, names] : columns) {
    text += fmt::format("  subgraph {} {{\n    label = {};\n", Quoted("cluster " + id), Quoted(graph.NodeName(id)));
    for (const std::string& name : names) {
      text += fmt::format("    {} [label = {}];\n", Quoted(fmt::format("{}.{}", id, name)), Quoted(name));
    }
    text += "  }\n";
  }
  for (const LineageEdge& edge : edges) {
    text += fmt::format("  {} -> {} [label = {}];\n", Quoted(edge.from.node + "." + edge.from.column),
                        Quoted(edge.to.first + "." + edge.to.second),
                        Quoted(std::string(engine::DerivationText(edge.how))));
  }
  return text + "}\n";
}

}  // namespace smelt::app
