#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "transform/internal/project/node_files.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/properties.h"
#include "transform/internal/project/source_files.h"

namespace smelt::transform {

/// A properties file and where it is.
struct LocatedProperties {
  SourceFile file;
  PropertiesFile properties;
};

/// Turns drafts and properties into the nodes and sources of a project: resolves configurations (config() in the file
/// wins over properties, they over dbt_project.yml), leaves out what is disabled, names relations.
class NodeResolver {
 public:
  explicit NodeResolver(ProjectState& project) : project_(project) {}

  /// Errors: kJinja…, kDbtDuplicate, kConfigValueInvalid.
  Status AddSources(const std::vector<LocatedProperties>& files);
  /// Errors: kJinja…, kDbtConfigInvalid, kDbtRefMissing for properties of a node that does not exist.
  Status AddNodes(NodeDrafts drafts, const std::vector<LocatedProperties>& files);
  /// Adds the tests of nodes and sources that are there. Errors: kJinjaUndefined for a test that does not exist,
  /// kDbtDuplicate, kDbtConfigInvalid.
  Status AddGenericTests(const std::vector<LocatedProperties>& files);

 private:
  /// What a generic test is about.
  struct Subject {
    std::string name;    ///< "orders", "bronze_orders"
    std::string node;    ///< unique id; empty for a source table
    std::string source;  ///< unique id; empty for a node
  };

  Status ApplySettings(const std::vector<YamlSetting>& settings, ResourceType type, Json& config) const;
  Status ApplySetting(const std::string& key, const ConfigNode& value, ResourceType type, Json& config) const;
  /// Applies the tree of dbt_project.yml along the parts of `fqn`.
  Status ApplyTree(const std::vector<std::string>& fqn, ResourceType type, Json& config) const;
  Status ApplyLevel(const ConfigNode& level, ResourceType type, Json& config) const;

  Status AddProperties(const std::vector<NodeProperties>& list, std::initializer_list<ResourceType> types,
                       NodeDrafts& drafts);
  Status AddYamlSnapshots(const LocatedProperties& file, NodeDrafts& drafts) const;
  Status AddNode(NodeDraft draft);
  Status Describe(const NodeProperties& properties, Node& node) const;
  Status NameRelation(Node& node) const;
  Result<std::string> CallNaming(const Node& node, const std::string& macro, std::string_view setting) const;
  Status AddSourceTable(const SourceProperties& source, const SourceTableProperties& table, const SourceFile& file);
  Status AddTest(const TestProperties& test, const Subject& subject, const SourceFile& file);
  Status CheckTestExists(const TestProperties& test, const std::string& name) const;
  Status AddTests(const std::vector<NodeProperties>& list, std::string_view type, const SourceFile& file);

  ProjectState& project_;
  std::map<std::string, const NodeProperties*> properties_;  ///< by unique id
};

}  // namespace smelt::transform
