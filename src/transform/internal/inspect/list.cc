#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "transform/inspect.h"
#include "transform/internal/artefacts/described_text.h"
#include "transform/internal/artefacts/node_text.h"
#include "transform/internal/project/project.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/selection/selection.h"

namespace smelt::transform {
namespace {

/// "1" of "orders.v1": versions of a model are listed apart.
std::string VersionedName(const Node& node, std::string_view separator) {
  return node.version.empty() ? node.name : fmt::format("{}{}{}", node.name, separator, node.version);
}

Result<ListedNode> List(const ProjectState& project, const Node& node) {
  ListedNode listed;
  JsonWriter text;
  listed.resource_type = ResourceTypeText(node.type);
  listed.path = node.original_file;
  if (node.type == ResourceType::kUnitTest) {
    listed.name = node.name;
    listed.selector = fmt::format("unit_test:{}.{}", node.package, VersionedName(node, "_v"));
    WriteUnitTest(project, node, text);
  } else {
    listed.name = VersionedName(node, ".v");
    listed.selector = fmt::format("{}", fmt::join(node.fqn, "."));
    WriteNode(project, node, nullptr, text);
  }
  SMELT_ASSIGN(listed.description, ParseJson(text.text(), node.unique_id));
  return listed;
}

Result<ListedNode> List(const ProjectState& project, const SourceTable& source) {
  ListedNode listed;
  listed.resource_type = "source";
  listed.path = source.original_file;
  listed.name = fmt::format("{}.{}", source.source, source.table);
  listed.selector = fmt::format("source:{}.{}", source.package, listed.name);
  JsonWriter text;
  WriteSource(project, source, text);
  SMELT_ASSIGN(listed.description, ParseJson(text.text(), source.unique_id));
  return listed;
}

Result<ListedNode> List(const ProjectState& project, const Described& described) {
  ListedNode listed;
  listed.resource_type = described.type;
  listed.path = described.original_file;
  listed.name = described.name;
  listed.selector = fmt::format("{}:{}.{}", described.type, described.package, described.name);
  listed.description = DescribedText(project, described);
  return listed;
}

Result<ListedNode> List(const ProjectState& project, const std::string& id) {
  const Manifest& manifest = project.manifest;
  if (const auto node = manifest.nodes.find(id); node != manifest.nodes.end()) return List(project, node->second);
  if (const auto source = manifest.sources.find(id); source != manifest.sources.end()) {
    return List(project, source->second);
  }
  return List(project, manifest.described.at(id));
}

}  // namespace

Result<std::vector<ListedNode>> ListNodes(const InvokeOptions& options) {
  SMELT_ASSIGN(auto project, Project::Load(options));
  SMELT_ASSIGN(const auto selected, SelectMembers(project->state(), options.select, options.exclude));
  InvokeOptions types = options;
  if (types.resource_types.empty()) types.resource_types = {"default"};
  std::vector<ListedNode> list;
  for (const std::string& id : selected) {
    if (!IsOfTypes(types, id.substr(0, id.find('.')))) continue;
    SMELT_ASSIGN(ListedNode listed, List(project->state(), id));
    listed.unique_id = id;
    list.push_back(std::move(listed));
  }
  return list;
}

}  // namespace smelt::transform
