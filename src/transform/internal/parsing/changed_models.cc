#include "transform/internal/parsing/changed_models.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/id.h"
#include "base/json.h"
#include "transform/internal/project/located_properties.h"
#include "transform/internal/project/node_files.h"
#include "transform/internal/project/node_resolver.h"
#include "transform/internal/project/project_loader.h"
#include "transform/internal/project/render_node.h"
#include "transform/internal/project/test_resolver.h"

namespace smelt::transform {
namespace {

/// A model that a file of its own defines, once.
bool HasOwnFile(const Node& node) {
  return node.type == ResourceType::kModel && !node.is_python && node.version.empty();
}

/// Of a node that has not changed: what refs to it ask for.
Node UnchangedNode(const RecordedNode& recorded) {
  Node node;
  node.type = recorded.type;
  node.unique_id = recorded.unique_id;
  node.package = recorded.package;
  node.name = recorded.name;
  node.version = recorded.version;
  node.latest_version = recorded.latest_version;
  node.relation = recorded.relation;
  node.config.materialized = recorded.materialized;
  if (!recorded.access.empty()) node.config.all["access"] = recorded.access;
  if (!recorded.group.empty()) node.config.all["group"] = recorded.group;
  if (!recorded.quoting.empty()) node.config.all["quoting"] = Json::parse(recorded.quoting);
  return node;
}

/// The nodes that the changed ones may read: while what a model is to others stays, that is what it read before.
void AddUnchanged(const ParseRecord& record, const std::vector<const RecordedNode*>& changed, ProjectState& project) {
  std::set<std::string_view> ids, names;
  for (const RecordedNode* model : changed) {
    ids.insert(model->unique_id);
    names.insert(model->reads.begin(), model->reads.end());
  }
  for (const RecordedNode& recorded : record.nodes) {
    // All that have the name: a ref may mean another one than before.
    if (ids.contains(recorded.unique_id) || !names.contains(recorded.name)) continue;
    Node unchanged = UnchangedNode(recorded);
    project.refs.Add(unchanged, false);
    project.manifest.nodes.emplace(recorded.unique_id, std::move(unchanged));
  }
  for (const RecordedSource& recorded : record.sources) {
    SourceTable source;
    source.unique_id = recorded.unique_id;
    source.package = recorded.package;
    source.source = recorded.source;
    source.table = recorded.table;
    source.relation = recorded.relation;
    project.source_ids[{source.source, source.table}].push_back(source.unique_id);
    project.manifest.sources.emplace(recorded.unique_id, std::move(source));
  }
}

/// The folder of a path out of those in which such files are looked for.
std::string FolderOf(const std::string& path, const std::vector<std::string>& folders) {
  const auto holds = [&path](const std::string& folder) {
    return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
  };
  const auto found = std::ranges::find_if(folders, holds);
  return found == folders.end() ? std::string() : *found;
}

/// What the properties files of the changed models say of these.
Result<std::vector<LocatedProperties>> ReadPropertiesOf(const std::vector<const RecordedNode*>& changed,
                                                        ProjectState& project) {
  std::map<std::string, std::set<std::string_view>> names;  // of models, by file
  for (const RecordedNode* model : changed) {
    if (!model->properties_file.empty()) names[model->properties_file].insert(model->name);
  }
  std::vector<LocatedProperties> all;
  for (const auto& [address, models] : names) {
    const std::size_t end = address.find("://");
    const ProjectFile& package = project.PackageOf(address.substr(0, end)).file;
    const std::string path = address.substr(end + 3);
    SMELT_ASSIGN(PropertiesFile read, ReadPropertiesFile(package, path, project.warnings));
    std::erase_if(read.models, [&models](const NodeProperties& model) { return !models.contains(model.name); });
    PropertiesFile kept;
    kept.models = std::move(read.models);
    all.push_back({&package, {path, FolderOf(path, PropertiesFolders(package))}, std::move(kept)});
  }
  return all;
}

/// The names of the nodes that a model and its tests read.
std::vector<std::string> NamesReadBy(const ProjectState& project, const Node& model) {
  std::set<std::string> names;
  const auto add = [&](const Node& node) {
    for (const std::string& id : node.depends_on) {
      if (const auto read = project.manifest.nodes.find(id); read != project.manifest.nodes.end()) {
        names.insert(read->second.name);
      }
    }
  };
  add(model);
  if (const auto tests = project.tests_of.find(model.unique_id); tests != project.tests_of.end()) {
    for (const std::string& id : tests->second) add(project.manifest.nodes.at(id));
  }
  return {names.begin(), names.end()};
}

}  // namespace

RecordedNode RecordNode(const ProjectState& project, const Node& node) {
  RecordedNode recorded;
  recorded.type = node.type;
  recorded.unique_id = node.unique_id;
  recorded.package = node.package;
  recorded.name = node.name;
  recorded.version = node.version;
  recorded.latest_version = node.latest_version;
  recorded.relation = node.relation;
  recorded.materialized = node.config.materialized;
  recorded.access = TextAt(node.config.all, "access");
  recorded.group = TextAt(node.config.all, "group");
  if (const auto quoting = node.config.all.find("quoting"); quoting != node.config.all.end()) {
    recorded.quoting = JsonText(*quoting);
  }
  if (!HasOwnFile(node)) return recorded;
  const std::filesystem::path home = project.PackageOf(node.package).file.directory;
  recorded.file = (home / node.original_file).lexically_normal().string();
  recorded.original_file = node.original_file;
  recorded.path = node.path;
  recorded.properties_file = node.properties_file;
  recorded.face = FaceOf(node);
  recorded.reads = NamesReadBy(project, node);
  return recorded;
}

std::string FaceOf(const Node& node) {
  const Json& config = node.config.all;
  const Json face = {node.unique_id,
                     node.relation.schema,
                     node.relation.identifier,
                     node.config.materialized,
                     node.fqn,
                     node.depends_on,
                     node.sources,
                     node.properties_file,
                     node.version,
                     node.latest_version,
                     node.deprecation_date,
                     TextAt(config, "access"),
                     TextAt(config, "group"),
                     config.value("quoting", Json()),
                     config.value("event_time", Json())};
  return ContentHash(JsonText(face));
}

Status LoadChangedModels(const ParseRecord& record, const std::vector<const RecordedNode*>& changed,
                         ProjectState& project) {
  SMELT_TRY(LoadSurroundings(project));
  AddUnchanged(record, changed, project);
  NodeDrafts drafts;
  for (const RecordedNode* model : changed) {
    const std::string& file = model->original_file;
    const std::string folder = file.substr(0, file.size() - std::min(file.size(), model->path.size() + 1));
    const ProjectFile& package = project.PackageOf(model->package).file;
    SMELT_ASSIGN(Node draft, ReadTemplateNode(package, {file, folder}, ResourceType::kModel));
    SMELT_TRY(AddDraft(std::move(draft), drafts));
  }
  SMELT_ASSIGN(const std::vector<LocatedProperties> properties, ReadPropertiesOf(changed, project));
  SMELT_TRY(NodeResolver(project).AddNodes(std::move(drafts), properties));
  SMELT_TRY(AddGenericTests(project, properties));
  for (const RecordedNode* model : changed) {
    if (const auto node = project.manifest.nodes.find(model->unique_id); node != project.manifest.nodes.end()) {
      SMELT_TRY(FindDependenciesOf(project, node->second));
    }
  }
  return {};
}

}  // namespace smelt::transform
