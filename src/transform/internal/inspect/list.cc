#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "transform/inspect.h"
#include "transform/internal/artefacts/node_text.h"
#include "transform/internal/project/project.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

Result<std::vector<ListedNode>> ListNodes(const InvokeOptions& options) {
  SMELT_ASSIGN(auto project, Project::Load(options));
  SMELT_ASSIGN(auto selected, project->Select(options.select, options.exclude));
  std::vector<ListedNode> list;
  for (const std::string& id : selected) {
    const Node& node = project->manifest().nodes.at(id);
    if (!IsOfTypes(options, ResourceTypeText(node.type))) continue;
    ListedNode listed;
    listed.unique_id = id;
    listed.resource_type = ResourceTypeText(node.type);
    listed.name = node.name;
    listed.selector = fmt::format("{}", fmt::join(node.fqn, "."));
    listed.path = node.original_file;
    JsonText text;
    WriteNode(project->state(), node, nullptr, text);
    SMELT_ASSIGN(listed.description, ParseJson(text.text(), id));
    list.push_back(std::move(listed));
  }
  std::ranges::sort(list, {}, &ListedNode::unique_id);
  return list;
}

}  // namespace smelt::transform
