#include "transform/internal/run/chosen_work.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "transform/internal/selection/selection.h"

namespace smelt::transform {
namespace {

bool Takes(Command command, const Node& node) {
  if (node.type == ResourceType::kAnalysis) return false;
  switch (command) {
    case Command::kBuild: return true;
    case Command::kRun: return node.type == ResourceType::kModel;
    case Command::kTest: return IsDataTest(node.type) || node.type == ResourceType::kUnitTest;
    case Command::kSeed: return node.type == ResourceType::kSeed;
    case Command::kSnapshot: return node.type == ResourceType::kSnapshot;
    case Command::kClone: return IsRefable(node.type);
    default: return false;
  }
}

bool IsEphemeral(const Node& node) {
  return node.config.materialized == "ephemeral";
}

/// Exposures and saved queries among `ids`, which only a build has results for.
std::vector<std::string> DescribedAmong(const Manifest& manifest, const InvokeOptions& options,
                                        const std::vector<std::string>& ids) {
  std::vector<std::string> described;
  if (options.command != Command::kBuild) return described;
  for (const std::string& id : ids) {
    const auto found = manifest.described.find(id);
    if (found == manifest.described.end() || !IsOfTypes(options, found->second.type)) continue;
    if (found->second.type == "exposure" || found->second.type == "saved_query") described.push_back(id);
  }
  return described;
}

}  // namespace

std::vector<std::string> EphemeralInputs(const Manifest& manifest, const std::vector<std::string>& ids) {
  std::set<std::string> seen(ids.begin(), ids.end());
  std::vector<std::string> found;
  std::vector<std::string> open = ids;
  while (!open.empty()) {
    const Node& node = manifest.nodes.at(open.back());
    open.pop_back();
    if (node.type == ResourceType::kUnitTest) continue;  // reads given rows in their place
    for (const std::string& input : node.depends_on) {
      if (!IsEphemeral(manifest.nodes.at(input)) || !seen.insert(input).second) continue;
      found.push_back(input);
      open.push_back(input);
    }
  }
  return found;
}

Result<ChosenWork> ChooseWork(const Project& project, const InvokeOptions& options) {
  const Manifest& manifest = project.manifest();
  SMELT_ASSIGN(const auto members, SelectMembers(project.state(), options.select, options.exclude));
  ChosenWork work;
  work.described = DescribedAmong(manifest, options, members);
  for (const std::string& id : project.NodesAmong(members)) {
    const Node& node = manifest.nodes.at(id);
    if (!Takes(options.command, node) || !IsOfTypes(options, ResourceTypeText(node.type))) continue;
    const bool is_rendered_only = IsEphemeral(node) && options.command != Command::kClone;
    if (!IsEphemeral(node)) work.nodes.push_back(id);
    if (is_rendered_only) work.ephemeral.push_back(id);
    // As in dbt, a build takes unit tests along without selecting them.
    const bool is_brought_along = options.command == Command::kBuild && node.type == ResourceType::kUnitTest;
    if (!is_brought_along) work.selected.push_back(id);
  }
  std::ranges::copy(work.described, std::back_inserter(work.selected));
  if (options.command == Command::kClone) return work;
  std::vector<std::string> rendered = work.nodes;
  std::ranges::copy(work.ephemeral, std::back_inserter(rendered));
  std::ranges::copy(EphemeralInputs(manifest, rendered), std::back_inserter(work.ephemeral));
  return work;
}

}  // namespace smelt::transform
