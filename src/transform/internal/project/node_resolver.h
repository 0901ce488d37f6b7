#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "transform/internal/project/config_layers.h"
#include "transform/internal/project/located_properties.h"
#include "transform/internal/project/node_files.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Turns drafts and properties into the models, seeds, snapshots, analyses and singular tests of a project: resolves
/// configurations (config() in the file wins over properties, they over dbt_project.yml), sets aside what is disabled,
/// names relations.
class NodeResolver {
 public:
  explicit NodeResolver(ProjectState& project) : project_(project), layers_(project) {}

  /// Errors: kJinja…, kDbtConfigInvalid, kDbtDuplicate. Properties of nodes that are not there become warnings.
  Status AddNodes(NodeDrafts drafts, const std::vector<LocatedProperties>& files);

 private:
  /// What properties files say of one node.
  struct Patch {
    const LocatedProperties* file = nullptr;
    const NodeProperties* properties = nullptr;
    const VersionProperties* version = nullptr;  ///< of a versioned model
  };

  Status AddYamlSnapshots(const LocatedProperties& file, NodeDrafts& drafts) const;
  Status AddPatches(const LocatedProperties& file, const std::vector<NodeProperties>& list,
                    std::initializer_list<ResourceType> types, NodeDrafts& drafts);
  Status AddPatch(const std::string& id, const Patch& patch);
  Status AddVersions(const LocatedProperties& file, const NodeProperties& properties, NodeDrafts& drafts);
  void WarnOfMissing(const NodeProperties& properties, std::string_view type, const NodeDrafts& drafts);
  Status AddNode(Node node);
  Status Configure(Node& node, LayeredConfig& config) const;
  Status ApplyPatch(const Patch& patch, Node& node, LayeredConfig& config) const;

  ProjectState& project_;
  ConfigLayers layers_;
  std::map<std::string, Patch> patches_;  ///< by unique id
};

}  // namespace smelt::transform
