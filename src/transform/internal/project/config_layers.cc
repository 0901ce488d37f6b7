#include "transform/internal/project/config_layers.h"

#include <algorithm>

#include <utility>

#include "transform/internal/project/node_config.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {

std::string_view TreeKey(ResourceType type) {
  switch (type) {
    case ResourceType::kModel: return "models";
    case ResourceType::kSeed: return "seeds";
    case ResourceType::kSnapshot: return "snapshots";
    case ResourceType::kGenericTest:
    case ResourceType::kSingularTest: return "data_tests";
    case ResourceType::kUnitTest: return "unit_tests";
    case ResourceType::kAnalysis:  // as in dbt
    case ResourceType::kOperation: return "models";
  }
  SMELT_ASSERT(false);
}

std::vector<std::string> TagsOf(const Json& config) {
  const auto found = config.find("tags");
  if (found == config.end() || found->is_null()) return {};
  std::vector<std::string> tags;
  for (const Json& tag : found->is_array() ? *found : Json::array({*found})) {
    const std::string text = tag.is_string() ? tag.get<std::string>() : "";
    if (tag.is_string() && std::ranges::find(tags, text) == tags.end()) tags.push_back(text);
  }
  return tags;
}

std::vector<std::string> NodeTagsOf(const LayeredConfig& config) {
  std::vector<std::string> tags = TagsOf(config.config);
  std::ranges::stable_partition(tags, [&config](const std::string& tag) {
    return std::ranges::find(config.late_tags, tag) == config.late_tags.end();
  });
  return tags;
}

Error PlacedAt(Error error, const ConfigNode& node) {
  return error.file().empty() ? std::move(error).At(node.file(), node.line(), node.column()) : error;
}

Status ConfigLayers::ApplySetting(const std::string& key, const ConfigNode& value, ResourceType type,
                                  std::string_view package, LayeredConfig& config) const {
  bool is_hook = key.ends_with("hook") || key == "loaded_at_query";  // rendered when it runs
  Json written = value.ToJson();
  Json rendered = written;
  if (!is_hook) {
    SMELT_ASSIGN(rendered, RenderYaml(project_, package, value));
  }
  std::vector<Error> warnings;
  auto added = AddConfig(config.config, type, key, std::move(rendered), warnings);
  for (Error& warning : warnings) project_.warnings.push_back(PlacedAt(std::move(warning), value));
  if (!added) return Fail(PlacedAt(std::move(added).error(), value));
  config.unrendered[key] = std::move(written);
  return {};
}

Status ConfigLayers::ApplySettings(const std::vector<YamlSetting>& settings, ResourceType type,
                                   std::string_view package, LayeredConfig& config) const {
  for (const YamlSetting& setting : settings) {
    SMELT_TRY(ApplySetting(setting.key, setting.value, type, package, config));
  }
  return {};
}

Status ConfigLayers::ApplyLevel(const ConfigNode& level, ResourceType type, std::string_view package,
                                LayeredConfig& config) const {
  for (const std::string& key : level.keys()) {
    ConfigNode value = *level.Find(key);
    bool is_setting = key.starts_with('+');
    if (!is_setting && value.is_map()) continue;
    SMELT_TRY(ApplySetting(is_setting ? key.substr(1) : key, value, type, package, config));
  }
  return {};
}

Status ConfigLayers::ApplyTree(const ProjectFile& file, std::string_view key, const std::vector<std::string>& fqn,
                               ResourceType type, LayeredConfig& config) const {
  auto tree = file.trees.find(key);
  if (tree == file.trees.end()) return {};
  std::optional<ConfigNode> level = tree->second;
  SMELT_TRY(ApplyLevel(*level, type, file.name, config));
  for (const std::string& part : fqn) {
    level = level->Find(part);
    if (!level || !level->is_map()) return {};
    SMELT_TRY(ApplyLevel(*level, type, file.name, config));
  }
  return {};
}

Status ConfigLayers::ApplyTrees(std::string_view key, const std::vector<std::string>& fqn, ResourceType type,
                                LayeredConfig& config) const {
  SMELT_TRY(ApplyOwnTree(key, fqn, type, config));
  return ApplyRootTree(key, fqn, type, config);
}

Status ConfigLayers::ApplyOwnTree(std::string_view key, const std::vector<std::string>& fqn, ResourceType type,
                                  LayeredConfig& config) const {
  return ApplyTree(project_.PackageOf(fqn.front()).file, key, fqn, type, config);
}

Status ConfigLayers::ApplyRootTree(std::string_view key, const std::vector<std::string>& fqn, ResourceType type,
                                   LayeredConfig& config) const {
  const ProjectFile& root = project_.file();
  if (root.name == fqn.front()) return {};
  return ApplyTree(root, key, fqn, type, config);
}

}  // namespace smelt::transform
