#include "app/internal/dbt_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "app/internal/json_field.h"
#include "base/file.h"
#include "transform/inspect.h"

namespace smelt::app {
namespace {}  // namespace

std::string RelationOf(const Json& node) {
  const std::string type = TextOf(node, "resource_type");
  const bool is_source = type == "source";
  if (!is_source && type != "model" && type != "snapshot" && type != "seed") return {};
  const std::string name = TextOf(node, is_source ? "identifier" : "alias");
  return fmt::format("{}.{}", TextOf(node, "schema"), name.empty() ? TextOf(node, "name") : name);
}

Result<DbtGraph> DbtGraph::Load(engine::Engine& engine, const transform::InvokeOptions& options,
                                const std::stop_token& stop) {
  DbtGraph graph;
  const std::filesystem::path target = options.target_dir.empty()
                                           ? std::filesystem::path(options.project_dir) / "target"
                                           : std::filesystem::path(options.target_dir);
  graph.compiled_ = (target / "compiled").string();
  SMELT_ASSIGN(const auto nodes, transform::ListNodes(options));
  for (const transform::ListedNode& node : nodes) {
    if (node.resource_type == "test") graph.tests_[TextOf(node.description, "name")] = node.description;
    const std::string relation = RelationOf(node.description);
    if (relation.empty()) continue;
    graph.tables_[node.unique_id] = relation;
    // A node that reads a source of the same table is what makes it.
    if (node.resource_type != "source" || !graph.nodes_.contains(relation)) graph.nodes_[relation] = node.description;
  }
  SMELT_ASSIGN(graph.lineage_, transform::TraceLineage(engine, options, {}, stop));
  return graph;
}

const Json* DbtGraph::NodeOf(const std::string& table) const {
  const auto found = nodes_.find(table);
  return found == nodes_.end() ? nullptr : &found->second;
}

const Json* DbtGraph::TestOf(const std::string& name) const {
  const auto found = tests_.find(name);
  return found == tests_.end() ? nullptr : &found->second;
}

std::optional<std::string> DbtGraph::TableOf(const std::string& unique_id) const {
  const auto found = tables_.find(unique_id);
  if (found != tables_.end()) return found->second;
  const bool is_table =
      std::ranges::count(unique_id, '.') == 1 && unique_id.find_first_of("( \"'") == std::string::npos;
  return is_table ? std::optional(unique_id) : std::nullopt;
}

const transform::NodeLineage* DbtGraph::LineageOf(const std::string& unique_id) const {
  const auto found = lineage_.nodes.find(unique_id);
  return found == lineage_.nodes.end() ? nullptr : &found->second;
}

std::optional<std::string> DbtGraph::CompiledSql(const Json& node) const {
  const auto path =
      std::filesystem::path(compiled_) / TextOf(node, "package_name") / TextOf(node, "original_file_path");
  if (path.extension() != ".sql") return std::nullopt;
  auto sql = ReadWholeFile(path.string());
  if (!sql) return std::nullopt;
  return std::move(*sql);
}

}  // namespace smelt::app
