#include "transform/internal/project/source_resolver.h"

#include <fmt/format.h>

#include "transform/internal/project/config_layers.h"
#include "transform/internal/project/descriptions.h"
#include "transform/internal/project/freshness_config.h"
#include "transform/internal/project/node_config.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

/// Makes the tables of one source.
class SourceBuilder {
 public:
  SourceBuilder(ProjectState& project, const LocatedProperties& file, const SourceProperties& source)
      : project_(project), file_(file), source_(source), package_(file.package->name) {}

  Status AddTable(const SourceTableProperties& table) const {
    SourceTable added = Draft(table);
    SMELT_ASSIGN(const LayeredConfig layered, Configure(added, table));
    if (!IsEnabled(layered.config)) return {};
    SMELT_TRY(Name(added, table));
    SMELT_TRY(Describe(added, table));
    ApplyConfig(layered.config, added);
    added.unrendered_config = layered.unrendered;
    std::string id = added.unique_id;
    auto [known, is_new] = project_.manifest.sources.emplace(id, std::move(added));
    if (is_new) {
      project_.source_ids[{source_.name, table.table}].push_back(std::move(id));
      return {};
    }
    return Fail(
        Error(ErrorCode::kDbtDuplicate,
              fmt::format("the source table {}.{} is defined twice, in {}:{} and {}:{}", source_.name, table.table,
                          known->second.file, known->second.line, file_.Shown(), table.place.line()))
            .At(file_.Shown(), table.place.line()));
  }

 private:
  SourceTable Draft(const SourceTableProperties& table) const {
    SourceTable draft;
    draft.unique_id = fmt::format("source.{}.{}.{}", package_, source_.name, table.table);
    draft.package = package_;
    draft.source = source_.name;
    draft.table = table.table;
    draft.file = file_.Shown();
    draft.original_file = file_.file.path;
    draft.line = table.place.line();
    draft.fqn = {package_};
    for (std::string& folder : file_.file.Folders()) draft.fqn.push_back(std::move(folder));
    draft.fqn.push_back(source_.name);
    draft.fqn.push_back(table.table);
    return draft;
  }

  Result<LayeredConfig> Configure(const SourceTable& draft, const SourceTableProperties& table) const {
    ConfigLayers layers(project_);
    LayeredConfig config;
    SMELT_TRY(layers.ApplyTrees("sources", draft.fqn, ResourceType::kModel, config));
    SMELT_TRY(layers.ApplySettings(source_.settings, ResourceType::kModel, package_, config));
    SMELT_TRY(layers.ApplySettings(table.settings, ResourceType::kModel, package_, config));
    SMELT_ASSIGN(config.config["freshness"], Freshness(config.config, table));
    return config;
  }

  /// What dbt_project.yml says counts when neither the source nor the table says anything.
  Result<Json> Freshness(const Json& config, const SourceTableProperties& table) const {
    std::vector<Json> layers;
    for (const auto* settings : {&source_.settings, &table.settings}) {
      for (const YamlSetting& setting : *settings) {
        if (setting.key != "freshness") continue;
        SMELT_ASSIGN(Json layer, RenderYaml(project_, package_, setting.value));
        layers.push_back(std::move(layer));
      }
    }
    if (layers.empty() && config.contains("freshness")) layers.push_back(config["freshness"]);
    return MergeFreshness(layers);
  }

  Status Name(SourceTable& added, const SourceTableProperties& table) const {
    SMELT_ASSIGN(added.relation.schema, Text(source_.schema));
    SMELT_ASSIGN(added.relation.identifier, Text(table.identifier));
    return {};
  }

  Status Describe(SourceTable& added, const SourceTableProperties& table) const {
    SMELT_ASSIGN(added.description, RenderDescription(project_, package_, table.place, table.description));
    SMELT_ASSIGN(added.source_description, RenderDescription(project_, package_, source_.place, source_.description));
    SMELT_ASSIGN(added.columns, DescribeColumns(project_, package_, table.place, table.columns));
    for (const YamlSetting& setting : source_.settings) {
      if (setting.key == "meta" && setting.value.is_map()) added.source_meta = setting.value.ToJson();
    }
    if (auto external = table.place.Find("external")) {
      SMELT_ASSIGN(added.external, RenderYaml(project_, package_, *external));
    }
    return {};
  }

  static void ApplyConfig(const Json& config, SourceTable& added) {
    added.tags = TagsOf(config);
    auto text = [&config](std::string_view key) {
      auto found = config.find(key);
      return found != config.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    added.loader = text("loader");
    added.loaded_at_field = text("loaded_at_field");
    added.loaded_at_query = text("loaded_at_query");
    if (auto found = config.find("freshness"); found != config.end()) added.freshness = *found;
    if (auto found = config.find("meta"); found != config.end() && found->is_object()) added.meta = *found;
    added.config = config;
  }

  Result<std::string> Text(const ConfigNode& node) const {
    SMELT_ASSIGN(Json value, RenderYaml(project_, package_, node));
    if (value.is_string()) return value.get<std::string>();
    if (value.is_primitive() && !value.is_null()) return JsonText(value);
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "expected a text"));
  }

  ProjectState& project_;
  const LocatedProperties& file_;
  const SourceProperties& source_;
  const std::string& package_;
};

}  // namespace

Status AddSources(ProjectState& project, const std::vector<LocatedProperties>& files) {
  for (const LocatedProperties& file : files) {
    for (const SourceProperties& source : file.properties.sources) {
      SourceBuilder builder(project, file, source);
      for (const SourceTableProperties& table : source.tables) SMELT_TRY(builder.AddTable(table));
    }
  }
  return {};
}

}  // namespace smelt::transform
