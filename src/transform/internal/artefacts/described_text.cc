#include "transform/internal/artefacts/described_text.h"

#include <span>
#include <string_view>

#include "transform/internal/artefacts/node_text.h"

namespace smelt::transform {
namespace {

/// A key of an entry, and what it is when properties say nothing of it; JSON.
struct BodyKey {
  std::string_view key, unset;
};

constexpr BodyKey kExposure[] = {{"type", "null"},
                                 {"owner", R"({"email": null, "name": null})"},
                                 {"description", "\"\""},
                                 {"label", "null"},
                                 {"maturity", "null"},
                                 {"meta", ""},
                                 {"tags", ""},
                                 {"config", ""},
                                 {"unrendered_config", ""},
                                 {"url", "null"},
                                 {"depends_on", ""},
                                 {"refs", ""},
                                 {"sources", ""},
                                 {"metrics", "[]"}};
constexpr BodyKey kMetric[] = {{"description", "\"\""},
                               {"label", "null"},
                               {"type", "null"},
                               {"type_params", "{}"},
                               {"filter", "null"},
                               {"metadata", "null"},
                               {"time_granularity", "null"},
                               {"meta", ""},
                               {"tags", ""},
                               {"config", ""},
                               {"unrendered_config", ""},
                               {"sources", "[]"},
                               {"depends_on", ""},
                               {"refs", "[]"},
                               {"metrics", "[]"},
                               {"group", ""}};
constexpr BodyKey kSemanticModel[] = {{"model", "null"},
                                      {"node_relation", "null"},
                                      {"description", "null"},
                                      {"label", "null"},
                                      {"defaults", "null"},
                                      {"entities", "[]"},
                                      {"measures", "[]"},
                                      {"dimensions", "[]"},
                                      {"metadata", "null"},
                                      {"depends_on", ""},
                                      {"refs", ""},
                                      {"config", ""},
                                      {"unrendered_config", ""},
                                      {"primary_entity", "null"},
                                      {"group", ""}};
constexpr BodyKey kSavedQuery[] = {{"query_params", "{}"},
                                   {"exports", "[]"},
                                   {"description", "null"},
                                   {"label", "null"},
                                   {"metadata", "null"},
                                   {"config", ""},
                                   {"unrendered_config", ""},
                                   {"group", ""},
                                   {"depends_on", ""},
                                   {"refs", "[]"},
                                   {"tags", ""}};

std::span<const BodyKey> KeysOf(std::string_view type) {
  if (type == "exposure") return kExposure;
  if (type == "metric") return kMetric;
  if (type == "semantic_model") return kSemanticModel;
  return kSavedQuery;
}

Json At(const Json& object, std::string_view key, const Json& fallback) {
  const auto found = object.find(key);
  return found == object.end() ? fallback : *found;
}

/// The configuration with the keys that its kind has.
Json ConfigText(const Described& described) {
  Json config = {{"enabled", true}};
  if (described.type == "exposure") {
    config["tags"] = described.tags;
  } else {
    config["group"] = nullptr;
  }
  config["meta"] = Json::object();
  if (described.type == "saved_query") {
    config["export_as"] = nullptr;
    config["schema"] = nullptr;
    config["cache"] = {{"enabled", false}};
  }
  for (const auto& [key, value] : described.config.items()) config[key] = value;
  return config;
}

Json RefTexts(const Described& described) {
  Json refs = Json::array();
  for (const RefCall& ref : described.refs) {
    refs.push_back({{"name", ref.name},
                    {"package", ref.package.empty() ? Json() : Json(ref.package)},
                    {"version", ref.version.empty() ? Json() : VersionValue(ref.version)}});
  }
  return refs;
}

/// What is known of an entry beyond its properties.
Json Known(const Described& described, std::string_view key) {
  if (key == "config") return ConfigText(described);
  if (key == "meta") return At(described.config, "meta", Json::object());
  if (key == "group") return At(described.config, "group", nullptr);
  if (key == "tags") return described.tags;
  if (key == "unrendered_config") return described.unrendered_config;
  if (key == "refs") return RefTexts(described);
  if (key == "sources") {
    Json sources = Json::array();
    for (const auto& [source, table] : described.source_calls) sources.push_back({source, table});
    return sources;
  }
  return {{"macros", Json::array()}, {"nodes", described.depends_on}};
}

}  // namespace

Json DescribedText(const ProjectState& project, const Described& described) {
  Json text = {{"name", described.name},
               {"resource_type", described.type},
               {"package_name", described.package},
               {"path", described.path},
               {"original_file_path", described.original_file},
               {"unique_id", described.unique_id},
               {"fqn", described.fqn}};
  for (const BodyKey& row : KeysOf(described.type)) {
    Json& value = text[std::string(row.key)];
    if (row.unset.empty()) {
      value = Known(described, row.key);
      continue;
    }
    value = Json::parse(row.unset);
    const auto own = described.body.find(row.key);
    if (own == described.body.end()) continue;
    if (value.is_object() && own->is_object()) {
      value.update(*own);
    } else {
      value = *own;
    }
  }
  text["created_at"] = static_cast<double>(project.started_micros) / 1e6;
  return text;
}

}  // namespace smelt::transform
