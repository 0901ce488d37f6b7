#include "transform/internal/project/node_resolver.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config.h"
#include "transform/internal/project/descriptions.h"
#include "transform/internal/project/node_config.h"
#include "transform/internal/project/relation_naming.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {

// -- what properties files say

Status NodeResolver::AddPatch(const std::string& id, const Patch& patch) {
  auto [known, is_new] = patches_.emplace(id, patch);
  if (is_new) return {};
  const ConfigNode& first = known->second.properties->place;
  const ConfigNode& place = patch.properties->place;
  return Fail(
      place.ErrorHere(ErrorCode::kDbtDuplicate, fmt::format("{} is described twice, in {}:{} and {}:{}", id,
                                                            first.file(), first.line(), place.file(), place.line())));
}

void NodeResolver::WarnOfMissing(const NodeProperties& properties, std::string_view type, const NodeDrafts& drafts) {
  std::vector<std::string_view> known;
  for (const auto& [id, draft] : drafts) {
    if (id.starts_with(type)) known.push_back(draft.name);
  }
  std::string near = NearestWord(properties.name, known);
  project_.warnings.push_back(
      properties.place.ErrorHere(ErrorCode::kDbtRefMissing, fmt::format("there is no {} '{}'", type, properties.name))
          .Hint(near.empty() ? "what this file says of it has no effect" : fmt::format("did you mean '{}'?", near)));
}

Status NodeResolver::AddVersions(const LocatedProperties& file, const NodeProperties& properties, NodeDrafts& drafts) {
  const std::string prefix = fmt::format("model.{}.", file.package->name);
  for (const VersionProperties& version : properties.versions) {
    std::vector<std::string> stems = {version.file_stem};
    if (version.file_stem.empty()) {
      stems = {fmt::format("{}_v{}", properties.name, version.version),
               fmt::format("{}.v{}", properties.name, version.version)};
      if (version.version == properties.latest_version) stems.push_back(properties.name);
    }
    auto found = drafts.end();
    for (const std::string& stem : stems) {
      if (found == drafts.end()) found = drafts.find(prefix + stem);
    }
    if (found == drafts.end()) {
      return Fail(std::move(properties.place.ErrorHere(ErrorCode::kDbtRefMissing,
                                                       fmt::format("there is no file for version {} of the model '{}'",
                                                                   version.version, properties.name)))
                      .Hint(fmt::format("add {}.sql, or name its file with defined_in", stems.front())));
    }
    Node node = std::move(found->second);
    drafts.erase(found);
    node.name = properties.name;
    node.version = version.version;
    node.latest_version = properties.latest_version;
    node.unique_id = fmt::format("{}{}.v{}", prefix, properties.name, version.version);
    node.fqn.back() = properties.name;
    node.fqn.push_back("v" + version.version);
    SMELT_TRY(AddPatch(node.unique_id, {&file, &properties, &version}));
    SMELT_TRY(AddDraft(std::move(node), drafts));
  }
  return {};
}

Status NodeResolver::AddPatches(const LocatedProperties& file, const std::vector<NodeProperties>& list,
                                std::initializer_list<ResourceType> types, NodeDrafts& drafts) {
  for (const NodeProperties& properties : list) {
    if (!properties.versions.empty()) {
      SMELT_TRY(AddVersions(file, properties, drafts));
      continue;
    }
    auto found = drafts.end();
    std::string_view type;
    for (ResourceType candidate : types) {
      type = ResourceTypeText(candidate);
      found = drafts.find(fmt::format("{}.{}.{}", type, file.package->name, properties.name));
      if (found != drafts.end()) break;
    }
    if (found == drafts.end()) {
      WarnOfMissing(properties, type, drafts);
    } else {
      SMELT_TRY(AddPatch(found->first, {&file, &properties, nullptr}));
    }
  }
  return {};
}

Status NodeResolver::AddYamlSnapshots(const LocatedProperties& file, NodeDrafts& drafts) const {
  for (const NodeProperties& properties : file.properties.snapshots) {
    if (properties.relation.empty()) continue;
    Node draft = MakeDraft(*file.package, ResourceType::kSnapshot, properties.name, file.file);
    draft.line = properties.place.line();
    std::string relation = properties.relation;
    if (relation.find("{{") == std::string::npos) relation = fmt::format("{{{{ {} }}}}", relation);
    draft.raw_sql = "select * from " + relation;
    std::string lines(static_cast<std::size_t>(draft.line - 1), '\n');
    SMELT_ASSIGN(draft.sql, jinja::ParseTemplate(lines + draft.raw_sql, draft.file));
    SMELT_ASSIGN(std::string text, ReadPackageFile(*file.package, file.file.path));
    draft.checksum = FileChecksum(std::move(text));
    SMELT_TRY(AddDraft(std::move(draft), drafts));
  }
  return {};
}

Status NodeResolver::ApplyPatch(const Patch& patch, Node& node, LayeredConfig& config) const {
  const NodeProperties& properties = *patch.properties;
  const ConfigNode& place = properties.place;
  node.properties_file = patch.file->Address();
  node.constraints = properties.constraints;
  node.deprecation_date = properties.deprecation_date;
  node.time_spine = properties.time_spine;
  std::string description = properties.description;
  const std::vector<ColumnProperties>* columns = &properties.columns;
  SMELT_TRY(layers_.ApplySettings(properties.settings, node.type, node.package, config));
  if (const VersionProperties* version = patch.version) {
    if (!version->description.empty()) description = version->description;
    if (version->columns) columns = &*version->columns;
    if (!version->deprecation_date.empty()) node.deprecation_date = version->deprecation_date;
    if (!version->constraints.is_null()) node.constraints = version->constraints;
    SMELT_TRY(layers_.ApplySettings(version->settings, node.type, node.package, config));
  }
  SMELT_ASSIGN(node.description, RenderDescription(project_, node.package, place, description));
  SMELT_ASSIGN(node.columns, DescribeColumns(project_, node.package, place, *columns));
  return {};
}

// -- nodes

Status NodeResolver::Configure(Node& node, LayeredConfig& layered) const {
  if (node.type == ResourceType::kSingularTest) layered.config["schema"] = kFailuresSchema;
  const std::string_view tree = TreeKey(node.type);
  SMELT_TRY(layers_.ApplyOwnTree(tree, node.fqn, node.type, layered));
  const std::vector<std::string> early_tags = TagsOf(layered.config);
  if (auto patch = patches_.find(node.unique_id); patch != patches_.end()) {
    SMELT_TRY(ApplyPatch(patch->second, node, layered));
    layered.late_tags = TagsOf(layered.config);
  }
  const auto forget = [&layered](const std::vector<std::string>& tags) {
    std::erase_if(layered.late_tags,
                  [&tags](const std::string& tag) { return std::ranges::find(tags, tag) != tags.end(); });
  };
  forget(early_tags);
  LayeredConfig with_root = layered;
  SMELT_TRY(layers_.ApplyRootTree(tree, node.fqn, node.type, with_root));
  if (node.sql == nullptr || !IsEnabled(with_root.config)) {
    layered = std::move(with_root);
    return {};
  }
  RenderFindings findings;
  findings.config = std::move(layered.config);
  RenderContext context(project_, &node, RenderPhase::kConfig, findings);
  SMELT_TRY(RenderIn(context, node.sql, node.body));
  layered.config = std::move(findings.config);
  std::ranges::move(findings.warnings, std::back_inserter(project_.warnings));
  forget(TagsOf(findings.own_config));
  layered.unrendered.update(findings.own_config);
  return layers_.ApplyRootTree(tree, node.fqn, node.type, layered);
}

Status NodeResolver::AddNode(Node node) {
  node.relation.schema = project_.options.target.schema;
  LayeredConfig layered;
  SMELT_TRY(Configure(node, layered));
  node.unrendered_config = std::move(layered.unrendered);
  bool is_enabled = IsEnabled(layered.config);
  project_.refs.Add(node, !is_enabled);
  node.tags = NodeTagsOf(layered);
  std::string id = node.unique_id;
  if (!is_enabled) {
    node.config.all = std::move(layered.config);
    project_.manifest.disabled[id].push_back(std::move(node));
    return {};
  }
  auto config = ResolveConfig(node.type, std::move(layered.config));
  if (config && node.type == ResourceType::kModel) {
    if (Status known = CheckMaterialized(config->materialized, project_.macros); !known) config = Fail(known.error());
  }
  if (!config) {
    return Fail(
        Error(config.error().code(), config.error().message()).Hint(config.error().hint()).At(node.file, node.line));
  }
  node.config = *std::move(config);
  SMELT_TRY(NameRelation(project_, node));
  project_.manifest.nodes.emplace(std::move(id), std::move(node));
  return {};
}

Status NodeResolver::AddNodes(NodeDrafts drafts, const std::vector<LocatedProperties>& files) {
  for (const LocatedProperties& file : files) SMELT_TRY(AddYamlSnapshots(file, drafts));
  for (const LocatedProperties& file : files) {
    const PropertiesFile& properties = file.properties;
    SMELT_TRY(AddPatches(file, properties.models, {ResourceType::kModel}, drafts));
    SMELT_TRY(AddPatches(file, properties.seeds, {ResourceType::kSeed}, drafts));
    SMELT_TRY(AddPatches(file, properties.snapshots, {ResourceType::kSnapshot}, drafts));
    SMELT_TRY(AddPatches(file, properties.analyses, {ResourceType::kAnalysis}, drafts));
    SMELT_TRY(AddPatches(file, properties.singular_tests, {ResourceType::kSingularTest}, drafts));
  }
  for (auto& [id, draft] : drafts) SMELT_TRY(AddNode(std::move(draft)));
  return {};
}

}  // namespace smelt::transform
