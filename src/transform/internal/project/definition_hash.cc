#include "transform/internal/project/definition_hash.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/id.h"

namespace smelt::transform {
namespace {

class DefinitionHasher {
 public:
  explicit DefinitionHasher(const ProjectState& project) : project_(project) {
    for (const auto& [package, table] : project.macros.packages()) {
      for (const auto& [name, entry] : table) macros_.emplace(entry->unique_id, entry.get());
    }
    for (const Package& package : project.packages) vars_.emplace(package.file.name, JsonText(package.vars));
  }

  std::string HashOf(const Node& node) {
    ContentHasher hasher;
    // A length before each part keeps the parts apart.
    const auto add = [&hasher](std::string_view part) {
      hasher.Update(std::to_string(part.size()) + ":");
      hasher.Update(part);
    };
    add(node.unique_id);
    add(node.raw_sql);
    add(vars_.at(node.package));
    add(MacrosOf(node));
    add(project_.options.target.name);
    add(node.relation.Text());
    add(JsonText(node.config.all));
    // What is built of fewer rows is another thing.
    if (project_.options.empty) add("empty");
    if (project_.sample) add(project_.options.sample);
    add(node.test_name);
    add(JsonText(node.test_arguments));
    for (const auto& [name, value] : node.environment) add(fmt::format("{}={}", name, value));
    for (const std::string& input : node.depends_on) {
      const Node& other = project_.manifest.nodes.at(input);
      // The query of an ephemeral model is part of this one.
      add(other.config.materialized == "ephemeral" ? other.definition_hash : other.relation.Text());
    }
    for (const RelationName& source : node.source_inputs) add(source.Text());
    return hasher.Finish();
  }

 private:
  /// Identity of the macros that the node may call. Most nodes call the same few, so answers are kept.
  const std::string& MacrosOf(const Node& node) {
    std::string key = node.config.materialized;
    for (const std::string& id : node.macros) key += "," + id;
    auto [known, is_new] = hashes_.try_emplace(std::move(key));
    if (!is_new) return known->second;
    std::vector<const MacroEntry*> entries;
    for (const std::string& id : node.macros) entries.push_back(macros_.at(id));
    if (const MacroEntry* entry = project_.macros.FindMaterialization(node.config.materialized)) {
      entries.push_back(entry);
    }
    known->second = project_.macros.HashOf(entries);
    return known->second;
  }

  const ProjectState& project_;
  std::unordered_map<std::string_view, const MacroEntry*> macros_;  ///< by unique id
  std::map<std::string, std::string, std::less<>> vars_;            ///< by package, as text
  std::unordered_map<std::string, std::string> hashes_;             ///< by materialization and unique ids
};

}  // namespace

void HashDefinitions(ProjectState& project) {
  DefinitionHasher hasher(project);
  for (const std::string& id : project.manifest.order) {
    Node& node = project.manifest.nodes.at(id);
    node.definition_hash = hasher.HashOf(node);
  }
}

}  // namespace smelt::transform
