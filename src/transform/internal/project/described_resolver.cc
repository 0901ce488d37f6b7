#include "transform/internal/project/described_resolver.h"

#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/project/config_layers.h"
#include "transform/internal/project/descriptions.h"
#include "transform/internal/project/node_config.h"
#include "transform/internal/project/render_context.h"

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
    Described added;
    added.type = type;
    SMELT_ASSIGN(added.name, name.AsString());
    added.package = file_.package->name;
    added.unique_id = fmt::format("{}.{}.{}", type, added.package, added.name);
    added.file = file_.Shown();
    added.original_file = file_.file.path;
    added.line = place.line();
    added.fqn = {added.package};
    for (std::string& folder : file_.file.Folders()) added.fqn.push_back(std::move(folder));
    added.fqn.push_back(added.name);
    SMELT_ASSIGN(const LayeredConfig layered, Configure(added, place));
    if (!IsEnabled(layered.config)) return {};
    added.config = layered.config;
    added.unrendered_config = layered.unrendered;
    added.tags = TagsOf(added.config);
    SMELT_TRY(ReadBody(place, added));
    SMELT_TRY(FindDependencies(place, added));
    auto [known, is_new] = project_.manifest.described.try_emplace(added.unique_id);
    if (!is_new) {
      return Fail(place.ErrorHere(ErrorCode::kDbtDuplicate, fmt::format("two {}s are called '{}'", type, added.name)));
    }
    known->second = std::move(added);
    return {};
  }

 private:
  Result<LayeredConfig> Configure(const Described& added, const ConfigNode& place) const {
    ConfigLayers layers(project_);
    LayeredConfig layered;
    SMELT_TRY(layers.ApplyTrees(TreeKeyOf(added.type), added.fqn, ResourceType::kModel, layered));
    std::vector<YamlSetting> settings;
    for (std::string_view key : {"meta", "tags"}) {
      if (auto value = place.Find(key)) settings.push_back({std::string(key), *value});
    }
    if (auto config = place.Find("config"); config && config->is_map()) {
      for (const std::string& key : config->keys()) settings.push_back({key, *config->Find(key)});
    }
    SMELT_TRY(layers.ApplySettings(settings, ResourceType::kModel, added.package, layered));
    return layered;
  }

  /// Everything that is written, with templates rendered; filters are templates of the semantic layer's own.
  Status ReadBody(const ConfigNode& place, Described& added) const {
    for (const std::string& key : place.keys()) {
      bool is_text = key == "description" || key == "label" || key == "owner" || key == "url";
      if (is_text) {
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
      SMELT_ASSIGN(std::vector<std::string> ids, ReferredTo(project_, added.package, place, call));
      for (std::string& id : ids) added.depends_on.push_back(std::move(id));
    }
    // dbt names sources first.
    std::ranges::stable_partition(added.depends_on, [](const std::string& id) { return id.starts_with("source."); });
    return {};
  }

  ProjectState& project_;
  const LocatedProperties& file_;
};

/// Links exposures to the metrics that they name: "metric('revenue')". Errors: kDbtRefMissing.
Status LinkExposures(Manifest& manifest) {
  for (auto& [id, exposure] : manifest.described) {
    const auto inputs = exposure.body.find("depends_on");
    if (exposure.type != "exposure" || inputs == exposure.body.end() || !inputs->is_array()) continue;
    for (const Json& input : *inputs) {
      const std::string call = input.is_string() ? input.get<std::string>() : "";
      if (!call.starts_with("metric(")) continue;
      const std::size_t end = call.find_last_of("'\"");
      const std::size_t begin = end == std::string::npos || end == 0 ? end : call.find_last_of("'\"", end - 1);
      const std::string name = begin == std::string::npos ? call : call.substr(begin + 1, end - begin - 1);
      const auto metric = std::ranges::find_if(manifest.described, [&](const auto& other) {
        return other.second.type == "metric" && other.second.name == name;
      });
      if (metric == manifest.described.end()) {
        return Fail(Error(ErrorCode::kDbtRefMissing, fmt::format("there is no metric '{}'", name))
                        .At(exposure.file, exposure.line));
      }
      exposure.depends_on.push_back(metric->first);
    }
  }
  return {};
}

/// Links metrics and saved queries to the metrics and semantic models that they are made of.
void LinkMetrics(Manifest& manifest) {
  std::map<std::string, std::string> metrics, measures;
  for (const auto& [id, described] : manifest.described) {
    if (described.type == "metric") metrics[described.name] = id;
    if (described.type != "semantic_model" || !described.body.contains("measures")) continue;
    for (const Json& measure : described.body["measures"]) {
      if (measure.contains("name")) measures[measure["name"].get<std::string>()] = id;
    }
  }
  for (auto& [id, described] : manifest.described) {
    if (described.type != "metric" && described.type != "saved_query") continue;
    std::vector<std::string> found;
    auto visit = [&](auto&& self, const Json& value) -> void {
      if (value.is_structured()) {
        for (const Json& part : value) self(self, part);
      } else if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        for (const auto* names : {&metrics, &measures}) {
          if (auto known = names->find(text); known != names->end() && known->second != id)
            found.push_back(known->second);
        }
      }
    };
    for (const char* key : {"type_params", "query_params"}) {
      if (described.body.contains(key)) visit(visit, described.body[key]);
    }
    std::ranges::sort(found);
    const auto doubled = std::ranges::unique(found);
    found.erase(doubled.begin(), doubled.end());
    described.depends_on = std::move(found);
  }
}

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
  LinkMetrics(project.manifest);
  return LinkExposures(project.manifest);
}

}  // namespace smelt::transform
