#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "base/json.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/properties.h"

namespace smelt::transform {

/// A configuration while it is put together, layer by layer: the later one wins.
struct LayeredConfig {
  Json config = Json::object();
  Json unrendered = Json::object();    ///< the same as it is written
  std::vector<std::string> late_tags;  ///< those that a properties file adds, and the node's own file does not
};

/// Adds the layers that files say to configurations of one package's nodes. Stateless but for the project.
class ConfigLayers {
 public:
  explicit ConfigLayers(ProjectState& project) : project_(project) {}

  /// The tree `key` ("models") of the package's dbt_project.yml along the parts of `fqn`, then that of the root's.
  Status ApplyTrees(std::string_view key, const std::vector<std::string>& fqn, ResourceType type,
                    LayeredConfig& config) const;
  /// The parts of it: for nodes, dbt lets what the root project says of a package win over the package's own files.
  Status ApplyOwnTree(std::string_view key, const std::vector<std::string>& fqn, ResourceType type,
                      LayeredConfig& config) const;
  Status ApplyRootTree(std::string_view key, const std::vector<std::string>& fqn, ResourceType type,
                       LayeredConfig& config) const;
  /// What a properties file of `package` says.
  Status ApplySettings(const std::vector<YamlSetting>& settings, ResourceType type, std::string_view package,
                       LayeredConfig& config) const;

 private:
  Status ApplySetting(const std::string& key, const ConfigNode& value, ResourceType type, std::string_view package,
                      LayeredConfig& config) const;
  Status ApplyTree(const ProjectFile& file, std::string_view key, const std::vector<std::string>& fqn,
                   ResourceType type, LayeredConfig& config) const;
  Status ApplyLevel(const ConfigNode& level, ResourceType type, std::string_view package, LayeredConfig& config) const;

  ProjectState& project_;
};

/// The key of the tree for a resource type: "models".
std::string_view TreeKey(ResourceType type);

/// The tags of a configuration, each once.
std::vector<std::string> TagsOf(const Json& config);
/// The tags of a node in the order in which `model.tags` has them: those of a properties file come last, as in dbt.
std::vector<std::string> NodeTagsOf(const LayeredConfig& config);

/// Gives an error that has no place yet the one of `node`.
Error PlacedAt(Error error, const ConfigNode& node);

}  // namespace smelt::transform
