#include "app/internal/refresh_plan.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <system_error>

#include "app/internal/dbt_graph.h"
#include "ingest/source.h"
#include "transform/inspect.h"

namespace smelt::app {
namespace {

/// What makes tables in a project.
struct Makers {
  std::set<std::string> loaded;                                ///< tables of the sources
  std::map<std::string, const transform::ListedNode*> models;  ///< by the table that they make
  std::map<std::string, const transform::ListedNode*> nodes;   ///< all of dbt, by unique id
};

Result<std::set<std::string>> LoadedTables(const ProjectConfig& project) {
  std::set<std::string> tables;
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::path(project.dir) / project.sources, ignored)) return tables;
  SMELT_ASSIGN(const auto sources, ingest::LoadSources(project.dir, project.sources));
  for (const ingest::Source& source : sources) {
    for (const ingest::SourceTable& table : source.tables) tables.insert(table.QualifiedName());
  }
  return tables;
}

Result<std::vector<transform::ListedNode>> DbtNodes(const ProjectConfig& project, const Json& vars) {
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::path(project.dbt) / "dbt_project.yml", ignored)) {
    return std::vector<transform::ListedNode>();
  }
  transform::InvokeOptions options;
  options.project_dir = project.dbt;
  options.vars = vars;
  return transform::ListNodes(options);
}

/// The loaded tables that a node is made of, however indirectly.
void CollectLoads(const std::string& unique_id, const Makers& makers, std::set<std::string>& seen,
                  std::set<std::string>& loads) {
  const auto found = makers.nodes.find(unique_id);
  if (found == makers.nodes.end() || !seen.insert(unique_id).second) return;
  const transform::ListedNode& node = *found->second;
  const std::string relation = RelationOf(node.description);
  if (node.resource_type == "source" && makers.loaded.contains(relation)) loads.insert(relation);
  const auto depends = node.description.find("depends_on");
  if (depends == node.description.end()) return;
  for (const Json& parent : depends->value("nodes", Json::array())) {
    if (parent.is_string()) CollectLoads(parent.get<std::string>(), makers, seen, loads);
  }
}

Error NobodyMakes(const std::string& table, const Makers& makers, const ConfigNode& place) {
  std::vector<std::string_view> known(makers.loaded.begin(), makers.loaded.end());
  for (const auto& [name, node] : makers.models) known.push_back(name);
  const std::string near = NearestWord(table, known);
  return place
      .ErrorHere(ErrorCode::kConfigValueInvalid,
                 fmt::format("neither a model nor a source of the project makes the table '{}'", table))
      .Hint(near.empty() ? "`smelt list` shows the models, and sources/ has the tables that are loaded"
                         : fmt::format("did you mean '{}'?", near));
}

}  // namespace

Result<RefreshPlan> PlanRefresh(const ProjectConfig& project, const ConfigNode& tables, const Json& vars) {
  SMELT_ASSIGN(const auto nodes, DbtNodes(project, vars));
  Makers makers;
  SMELT_ASSIGN(makers.loaded, LoadedTables(project));
  for (const transform::ListedNode& node : nodes) {
    makers.nodes[node.unique_id] = &node;
    const std::string relation = RelationOf(node.description);
    if (!relation.empty() && node.resource_type != "source") makers.models[relation] = &node;
  }
  RefreshPlan plan;
  std::set<std::string> seen, loads;
  SMELT_ASSIGN(const std::vector<std::string> names, tables.AsStringList());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (const auto model = makers.models.find(names[i]); model != makers.models.end()) {
      plan.selectors.push_back("+" + model->second->selector);
      CollectLoads(model->second->unique_id, makers, seen, loads);
    } else if (makers.loaded.contains(names[i])) {
      loads.insert(names[i]);
    } else {
      return Fail(NobodyMakes(names[i], makers, tables.is_list() ? tables.items()[i] : tables));
    }
  }
  plan.loads.assign(loads.begin(), loads.end());
  return plan;
}

}  // namespace smelt::app
