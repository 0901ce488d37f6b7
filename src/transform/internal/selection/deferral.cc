#include "transform/internal/selection/deferral.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "transform/internal/selection/previous_state.h"

namespace smelt::transform {
namespace {

using Ids = std::set<std::string>;

/// Whether the command makes the tables of nodes that it is about.
bool Builds(Command command) {
  return command == Command::kBuild || command == Command::kRun || command == Command::kSeed ||
         command == Command::kSnapshot;
}

bool IsTable(const Node& node) {
  return IsRefable(node.type) && node.config.materialized != "ephemeral";
}

/// The nodes that are read when the selected ones run: their inputs, through ephemeral models, and themselves.
Ids ReadNodes(const Manifest& manifest, std::vector<std::string> open) {
  Ids found(open.begin(), open.end());
  while (!open.empty()) {
    const Node& node = manifest.nodes.at(open.back());
    open.pop_back();
    for (const std::string& input : node.depends_on) {
      if (found.insert(input).second && !IsTable(manifest.nodes.at(input))) open.push_back(input);
    }
  }
  return found;
}

/// Where the earlier manifest has the node's rows; nothing when it has none.
std::optional<RelationName> RelationIn(const PreviousManifest& state, const Node& node) {
  const Json* old = state.Find(node.unique_id);
  if (old == nullptr || !old->contains("schema") || !old->contains("alias")) return std::nullopt;
  const bool is_ephemeral = old->contains("config") && old->at("config").value("materialized", "") == "ephemeral";
  if (is_ephemeral || !old->at("schema").is_string() || !old->at("alias").is_string()) return std::nullopt;
  return RelationName{old->at("schema").get<std::string>(), old->at("alias").get<std::string>()};
}

Result<std::string> StateFolder(const ProjectState& project) {
  const InvokeOptions& options = project.options;
  const std::string& folder = options.defer_state_dir.empty() ? options.state_dir : options.defer_state_dir;
  if (!folder.empty()) return (std::filesystem::path(project.file().directory) / folder).lexically_normal().string();
  return Fail(Error(ErrorCode::kUsage, "there is no other state to read from")
                  .Hint("name the folder with its manifest.json: --state or --defer-state"));
}

}  // namespace

Status DeferInputs(ProjectState& project, engine::Engine& engine, const std::vector<std::string>& selected,
                   const std::vector<std::string>& also_read) {
  const InvokeOptions& options = project.options;
  const bool clones = options.command == Command::kClone;
  if (!options.defer && !clones) return {};
  SMELT_ASSIGN(const std::string folder, StateFolder(project));
  SMELT_ASSIGN(const PreviousManifest state,
               PreviousManifest::Read((std::filesystem::path(folder) / "manifest.json").string()));
  Manifest& manifest = project.manifest;
  const Ids own(selected.begin(), selected.end());
  std::vector<std::string> read = selected;
  read.insert(read.end(), also_read.begin(), also_read.end());
  for (const std::string& id : clones ? own : ReadNodes(manifest, std::move(read))) {
    Node& node = manifest.nodes.at(id);
    if (!IsTable(node)) continue;
    const bool is_selected = own.contains(id);
    if (!clones && is_selected && Builds(options.command)) continue;
    const auto relation = RelationIn(state, node);
    if (!relation) continue;
    if (!clones && (is_selected || !options.favor_state)) {
      SMELT_ASSIGN(const auto present, engine.FindTable(node.relation.schema, node.relation.identifier));
      if (present) continue;
    }
    node.deferred = relation;
  }
  return {};
}

}  // namespace smelt::transform
