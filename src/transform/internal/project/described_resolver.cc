#include "transform/internal/project/described_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "transform/internal/project/config_layers.h"
#include "transform/internal/project/descriptions.h"
#include "transform/internal/project/node_config.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/project/relation_naming.h"
#include "transform/internal/project/render_context.h"
#include "transform/internal/semantic/links.h"
#include "transform/internal/semantic/semantic_manifest.h"
#include "transform/internal/semantic/shape.h"

namespace smelt::transform {
namespace {

/// The key of the tree of configurations for a type.
std::string_view TreeKeyOf(std::string_view type) {
  if (type == "exposure") return "exposures";
  if (type == "metric") return "metrics";
  return type == "semantic_model" ? "semantic-models" : "saved-queries";
}

class DescribedBuilder {
 public:
  DescribedBuilder(ProjectState& project, const LocatedProperties& file) : project_(project), file_(file) {}

  Status Add(const std::string& type, const ConfigNode& place) const {
    SMELT_ASSIGN(ConfigNode name, place.Require("name"));
    SMELT_ASSIGN(Described added, Draft(type, name));
    SMELT_ASSIGN(const LayeredConfig layered, Configure(added, place));
    if (!IsEnabled(layered.config)) return {};
    added.config = layered.config;
    added.unrendered_config = layered.unrendered;
    SMELT_TRY(ReadTags(place, added));
    SMELT_TRY(ReadBody(place, added));
    SMELT_TRY(FindDependencies(place, added));
    const Json written = added.body;
    SMELT_TRY(Shape(place, added));
    SMELT_TRY(Put(place, added));
    return type == "semantic_model" ? AddMetricsOf(written, name, added) : Status();
  }

 private:
  Result<Described> Draft(const std::string& type, const ConfigNode& name) const {
    Described draft;
    draft.type = type;
    SMELT_ASSIGN(draft.name, name.AsString());
    draft.package = file_.package->name;
    draft.unique_id = fmt::format("{}.{}.{}", type, draft.package, draft.name);
    draft.file = file_.Shown();
    draft.original_file = file_.file.path;
    draft.path = file_.file.path.substr(std::min(file_.file.folder.size() + 1, file_.file.path.size()));
    draft.line = name.line();
    draft.fqn = {draft.package};
    for (std::string& folder : file_.file.Folders()) draft.fqn.push_back(std::move(folder));
    draft.fqn.push_back(draft.name);
    return draft;
  }

  Status Put(const ConfigNode& place, Described added) const {
    added.position = project_.manifest.described.size();
    const std::string type = added.type;
    auto [known, is_new] = project_.manifest.described.try_emplace(added.unique_id);
    if (!is_new) {
      return Fail(place.ErrorHere(ErrorCode::kDbtDuplicate, fmt::format("two {}s are called '{}'", type, added.name)));
    }
    known->second = std::move(added);
    return {};
  }

  /// A measure may ask for a metric of its own name.
  Status AddMetricsOf(const Json& written, const ConfigNode& place, const Described& model) const {
    const auto measures = written.find("measures");
    if (measures == written.end()) return {};
    for (const Json& measure : *measures) {
      auto body = MetricOfMeasure(measure);
      if (!body) continue;
      SMELT_ASSIGN(Described metric, Draft("metric", place));
      metric.name = (*body)["name"].get<std::string>();
      metric.unique_id = fmt::format("metric.{}.{}", metric.package, metric.name);
      metric.fqn.back() = metric.name;
      LayeredConfig layered;
      SMELT_TRY(ConfigLayers(project_).ApplyTrees(TreeKeyOf(metric.type), metric.fqn, ResourceType::kModel, layered));
      metric.config = std::move(layered.config);
      const Json meta = model.config.value("meta", Json::object());
      metric.config["enabled"] = true;
      Json& own = metric.config["meta"];
      if (!own.is_object()) own = Json::object();
      own.update(meta);
      metric.unrendered_config = {{"enabled", true}, {"meta", meta}};
      metric.body = *std::move(body);
      SMELT_TRY(Shape(place, metric));
      SMELT_TRY(Put(place, std::move(metric)));
    }
    return {};
  }

  /// Brings what is written into the shape of the semantic layer.
  Status Shape(const ConfigNode& place, Described& added) const {
    Result<Json> shaped = std::move(added.body);
    if (added.type == "metric") shaped = ShapeMetric(*std::move(shaped));
    if (added.type == "saved_query") shaped = ShapeSavedQuery(*std::move(shaped));
    if (added.type == "semantic_model") {
      const auto meta = added.config.find("meta");
      shaped = ShapeSemanticModel(*std::move(shaped), meta == added.config.end() ? Json::object() : *meta);
    }
    if (!shaped) return Fail(PlacedAt(std::move(shaped).error(), place));
    added.body = *std::move(shaped);
    if (added.type == "saved_query") SMELT_TRY(ShapeExports(added));
    if (added.type == "semantic_model" && !added.depends_on.empty()) {
      const auto model = project_.manifest.nodes.find(added.depends_on.front());
      if (model != project_.manifest.nodes.end())
        added.body["node_relation"] = SemanticRelation(model->second.relation);
    }
    return {};
  }

  /// An export is written to a relation that is named like those of nodes.
  Status ShapeExports(Described& query) const {
    Json& exports = query.body["exports"];
    if (!exports.is_array()) exports = Json::array();
    for (Json& one : exports) {
      Json own = one.value("config", Json::object());
      Node node;
      node.name = one.value("name", "");
      node.unique_id = query.unique_id;
      node.package = query.package;
      node.file = query.file;
      node.line = query.line;
      node.config.all = own;
      for (const char* key : {"schema", "export_as"}) {
        if (query.config.contains(key) && !own.contains(key)) node.config.all[key] = query.config[key];
      }
      SMELT_TRY(NameRelation(project_, node));
      const bool names_schema = node.config.all.contains("schema");
      one = {{"name", node.name},
             {"config",
              {{"export_as", node.config.all.value("export_as", Json())},
               {"schema_name", names_schema ? node.config.all["schema"] : Json(node.relation.schema)},
               {"alias", node.relation.identifier},
               {"database", kDatabase}}},
             {"unrendered_config", std::move(own)}};
    }
    return {};
  }

  /// Tags beside the configuration count for exposures as if they stood in it; saved queries have those of both places.
  Status ReadTags(const ConfigNode& place, Described& added) const {
    if (added.type == "exposure" || added.type == "saved_query") added.tags = TagsOf(added.config);
    if (added.type == "exposure") return {};
    if (const auto tags = place.Find("tags")) {
      SMELT_ASSIGN(std::vector<std::string> own, tags->AsStringList());
      added.tags.insert(added.tags.end(), own.begin(), own.end());
    }
    std::ranges::sort(added.tags);
    added.tags.erase(std::ranges::unique(added.tags).begin(), added.tags.end());
    return {};
  }

  Result<LayeredConfig> Configure(const Described& added, const ConfigNode& place) const {
    ConfigLayers layers(project_);
    LayeredConfig layered;
    SMELT_TRY(layers.ApplyTrees(TreeKeyOf(added.type), added.fqn, ResourceType::kModel, layered));
    // As in dbt: of these, only what stands beside the entry.
    if (added.type == "semantic_model" || added.type == "saved_query") layered.unrendered = Json::object();
    std::vector<YamlSetting> settings;
    for (std::string_view key : {"meta", "tags"}) {
      if (key == "tags" && added.type != "exposure") continue;
      if (auto value = place.Find(key)) settings.push_back({std::string(key), *value});
    }
    if (auto config = place.Find("config"); config && config->is_map()) {
      for (const std::string& key : config->keys()) settings.push_back({key, *config->Find(key)});
    }
    // Unlike those of nodes, tags of exposures replace what dbt_project.yml says.
    const bool has_tags = std::ranges::find(settings, "tags", &YamlSetting::key) != settings.end();
    if (added.type == "exposure" && has_tags) layered.config.erase("tags");
    SMELT_TRY(layers.ApplySettings(settings, ResourceType::kModel, added.package, layered));
    return layered;
  }

  /// Everything that is written, with templates rendered; filters are templates of the semantic layer's own.
  Status ReadBody(const ConfigNode& place, Described& added) const {
    for (const std::string& key : place.keys()) {
      const bool is_text = key == "description" || key == "label" || key == "owner" || key == "url";
      const bool is_element = key == "entities" || key == "dimensions" || key == "measures";
      if (is_text || (is_element && added.type == "semantic_model")) {
        SMELT_ASSIGN(added.body[key], RenderYaml(project_, added.package, *place.Find(key)));
      } else {
        added.body[key] = place.Find(key)->ToJson();
      }
    }
    return {};
  }

  Status FindDependencies(const ConfigNode& place, Described& added) const {
    std::vector<std::string> calls;
    if (auto list = place.Find("depends_on"); list && list->is_list()) {
      SMELT_ASSIGN(calls, list->AsStringList());
    }
    if (auto model = place.Find("model"); model && added.type == "semantic_model") {
      SMELT_ASSIGN(std::string call, model->AsString());
      calls.push_back(std::move(call));
    }
    for (const std::string& call : calls) {
      if (call.starts_with("metric(")) continue;  // metrics are known when all files are read
      SMELT_ASSIGN(References found, ReferredTo(project_, added.package, place, call));
      std::ranges::move(found.ids, std::back_inserter(added.depends_on));
      std::ranges::move(found.refs, std::back_inserter(added.refs));
      for (const SourceTable* source : found.sources) added.source_calls.emplace_back(source->source, source->table);
    }
    // dbt names sources first.
    std::ranges::stable_partition(added.depends_on, [](const std::string& id) { return id.starts_with("source."); });
    return {};
  }

  ProjectState& project_;
  const LocatedProperties& file_;
};

Status AddGroup(ProjectState& project, const LocatedProperties& file, const ConfigNode& place) {
  SMELT_ASSIGN(ConfigNode name, place.Require("name"));
  Group group;
  SMELT_ASSIGN(group.name, name.AsString());
  group.package = file.package->name;
  group.file = file.Shown();
  group.original_file = file.file.path;
  if (auto owner = place.Find("owner")) {
    SMELT_ASSIGN(group.owner, RenderYaml(project, group.package, *owner));
  }
  SMELT_ASSIGN(group.description, place.StringOr("description", ""));
  if (auto config = place.Find("config")) group.config = config->ToJson();
  auto [known, is_new] = project.manifest.groups.try_emplace(group.name);
  if (!is_new) {
    return Fail(place.ErrorHere(ErrorCode::kDbtDuplicate, fmt::format("two groups are called '{}'", group.name)));
  }
  known->second = std::move(group);
  return {};
}

}  // namespace

Status AddGroupsAndMacros(ProjectState& project, const std::vector<LocatedProperties>& files) {
  for (const LocatedProperties& file : files) {
    for (const ConfigNode& group : file.properties.groups) SMELT_TRY(AddGroup(project, file, group));
    for (const MacroProperties& properties : file.properties.macros) {
      MacroEntry* macro = project.macros.FindIn(file.package->name, properties.name);
      if (macro == nullptr) macro = project.macros.FindIn(file.package->name, "test_" + properties.name);
      if (macro == nullptr) {
        project.warnings.push_back(
            Error(ErrorCode::kDbtRefMissing, fmt::format("there is no macro '{}'", properties.name)).At(file.Shown()));
        continue;
      }
      macro->description = properties.description;
      macro->arguments = properties.arguments;
      macro->meta = properties.meta;
      macro->properties_file = file.Address();
    }
  }
  return {};
}

Status AddDescribed(ProjectState& project, const std::vector<LocatedProperties>& files) {
  for (const LocatedProperties& file : files) {
    DescribedBuilder builder(project, file);
    for (const auto& [type, place] : file.properties.described) SMELT_TRY(builder.Add(type, place));
  }
  return LinkSemanticLayer(project.manifest);
}

}  // namespace smelt::transform
