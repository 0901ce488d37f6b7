#include "transform/internal/semantic/semantic_manifest.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "transform/internal/artefacts/artefact_file.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/semantic/shape.h"

namespace smelt::transform {
namespace {

/// The model that older projects have as their time spine, without saying so.
constexpr std::string_view kOldTimeSpine = "metricflow_time_spine";

/// Those keys of an object, null where it has none.
Json Pick(const Json& object, std::initializer_list<std::string_view> keys) {
  Json picked = Json::object();
  for (const std::string_view key : keys) picked[std::string(key)] = ValueAt(object, key);
  return picked;
}

Json Config(const Described& described) {
  const Json meta = ValueAt(described.config, "meta");
  return {{"meta", meta.is_null() ? Json::object() : meta}};
}

Json SemanticModel(const Described& described) {
  const Json& body = described.body;
  Json model = Pick(body, {"name", "defaults", "description", "node_relation", "primary_entity", "entities", "measures",
                           "dimensions", "label", "metadata"});
  for (const char* key : {"entities", "measures"}) {
    for (Json& element : model[key]) element["metadata"] = nullptr;
  }
  model["config"] = Config(described);
  return model;
}

Json Metric(const Described& described) {
  Json metric = Pick(described.body, {"name", "description", "type", "type_params", "filter", "metadata", "label"});
  if (metric["description"].is_null()) metric["description"] = "";
  Json& params = metric["type_params"];
  params.erase("metric_aggregation_params");
  if (params["cumulative_type_params"].is_object()) params["cumulative_type_params"].erase("metric");
  metric["config"] = Config(described);
  metric["time_granularity"] = ValueAt(described.body, "time_granularity");
  return metric;
}

Json SavedQuery(const Described& described) {
  Json query = Pick(described.body, {"name", "query_params", "description", "metadata", "label"});
  query["exports"] = Json::array();
  for (const Json& exported : ValueAt(described.body, "exports")) {
    query["exports"].push_back({{"name", ValueAt(exported, "name")},
                                {"config", Pick(ValueAt(exported, "config"), {"export_as", "schema_name", "alias"})}});
  }
  query["tags"] = described.tags;
  return query;
}

Json TimeSpine(const Node& model) {
  const Json name = ValueAt(model.time_spine, "standard_granularity_column");
  const auto column = std::ranges::find_if(model.columns, [&](const Column& one) { return Json(one.name) == name; });
  Json granularities = ValueAt(model.time_spine, "custom_granularities");
  for (Json& one : granularities) {
    one = Pick(one, {"name", "column_name"});
    if (one["column_name"].is_null()) one["column_name"] = one["name"];
  }
  return {{"node_relation", SemanticRelation(model.relation)},
          {"primary_column",
           {{"name", name}, {"time_granularity", column == model.columns.end() ? Json() : Json(column->granularity)}}},
          {"custom_granularities", granularities.is_null() ? Json::array() : granularities}};
}

Json Configuration(const Manifest& manifest, bool has_semantic_models) {
  Json spines = Json::array(), older = Json::array();
  for (const auto& [id, node] : manifest.nodes) {
    if (node.type != ResourceType::kModel) continue;
    if (node.time_spine.is_object()) {
      spines.push_back(TimeSpine(node));
    } else if (node.name == kOldTimeSpine && has_semantic_models) {
      older.push_back({{"location", ArtefactRelation(node.relation)}, {"column_name", "date_day"}, {"grain", "day"}});
    }
  }
  return {{"time_spine_table_configurations", std::move(older)},
          {"metadata", nullptr},
          {"dsi_package_version", {{"major_version", "0"}, {"minor_version", "9"}, {"patch_version", "0"}}},
          {"time_spines", std::move(spines)}};
}

}  // namespace

Json SemanticRelation(const RelationName& relation) {
  return {{"alias", relation.identifier},
          {"schema_name", relation.schema},
          {"database", kDatabase},
          {"relation_name", ArtefactRelation(relation)}};
}

Json SemanticManifest(const ProjectState& project) {
  std::vector<const Described*> all;
  for (const auto& [id, described] : project.manifest.described) all.push_back(&described);
  std::ranges::sort(all, {}, &Described::position);
  Json models = Json::array(), metrics = Json::array(), queries = Json::array();
  for (const Described* described : all) {
    if (described->type == "semantic_model") models.push_back(SemanticModel(*described));
    if (described->type == "metric") metrics.push_back(Metric(*described));
    if (described->type == "saved_query") queries.push_back(SavedQuery(*described));
  }
  Json configuration = Configuration(project.manifest, !models.empty());
  return {{"semantic_models", std::move(models)},
          {"metrics", std::move(metrics)},
          {"project_configuration", std::move(configuration)},
          {"saved_queries", std::move(queries)}};
}

}  // namespace smelt::transform
