#include "transform/internal/project/config_layers.h"

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
    case ResourceType::kAnalysis: return "analyses";
    case ResourceType::kOperation: return "models";
  }
  SMELT_ASSERT(false);
}

std::vector<std::string> TagsOf(const Json& config) {
  return config.contains("tags") ? config["tags"].get<std::vector<std::string>>() : std::vector<std::string>();
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
  const ProjectFile& root = project_.file();
  const ProjectFile& own = project_.PackageOf(fqn.front()).file;
  if (own.name != root.name) SMELT_TRY(ApplyTree(own, key, fqn, type, config));
  return ApplyTree(root, key, fqn, type, config);
}

}  // namespace smelt::transform
