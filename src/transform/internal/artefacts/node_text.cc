#include "transform/internal/artefacts/node_text.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/id.h"
#include "transform/internal/artefacts/artefact_file.h"
#include "transform/internal/artefacts/node_config_text.h"
#include "transform/internal/project/relation.h"

namespace smelt::transform {
namespace {

constexpr std::string_view kDocs = R"({"show": true, "node_color": null})";
constexpr std::string_view kContract = R"({"enforced": false, "alias_types": true, "checksum": null})";

void WriteColumns(const std::map<std::string, std::string>& columns, JsonText& json) {
  json.BeginObject();
  for (const auto& [name, description] : columns) {
    json.Key(name).BeginObject();
    json.Key("name").Text(name);
    json.Key("description").Text(description);
    json.Key("meta").Raw("{}");
    json.Key("data_type").Null();
    json.Key("constraints").Raw("[]");
    json.Key("quote").Null();
    json.Key("config").Raw(R"({"meta": {}, "tags": []})");
    json.Key("tags").Raw("[]");
    json.Key("granularity").Null();
    json.Key("doc_blocks").Raw("[]");
    json.EndObject();
  }
  json.EndObject();
}

std::string_view NodeKind(const Node& node) {
  return ResourceTypeText(node.type);
}

bool IsDataTest(const Node& node) {
  return NodeKind(node) == "test";
}

/// Relative to the folder of its kind: "marts/daily.sql".
std::string PathInFolder(const ProjectState& project, const Node& node) {
  if (node.type == ResourceType::kGenericTest) return node.name + ".sql";
  const ProjectFile& file = project.file;
  for (const auto* folders : {&file.model_paths, &file.seed_paths, &file.snapshot_paths, &file.test_paths}) {
    for (const std::string& folder : *folders) {
      if (node.file.starts_with(folder + "/")) return node.file.substr(folder.size() + 1);
    }
  }
  return node.file;
}

/// Who it is and where it goes.
void WriteIdentity(const ProjectState& project, const Node& node, const NodeDetail& detail, JsonText& json) {
  json.Key("database").Text(kDatabase);
  json.Key("schema").Text(node.relation.schema);
  json.Key("name").Text(node.name);
  json.Key("resource_type").Text(NodeKind(node));
  json.Key("package_name").Text(project.file.name);
  json.Key("path").Text(PathInFolder(project, node));
  json.Key("original_file_path").Text(node.file);
  json.Key("unique_id").Text(node.unique_id);
  json.Key("fqn").Texts(detail.fqn);
  json.Key("alias").Text(node.relation.identifier);
  json.Key("checksum").BeginObject();
  const bool has_file = node.type != ResourceType::kGenericTest;
  json.Key("name").Text(has_file ? "xxh128" : "none");
  json.Key("checksum").Text(has_file ? ContentHash(detail.raw_sql) : "");
  json.EndObject();
}

/// What properties say of it.
void WriteDescription(const ProjectState& project, const Node& node, JsonText& json) {
  const Json& config = node.config.all;
  json.Key("tags").Texts(node.tags);
  json.Key("description").Text(node.description);
  json.Key("columns");
  WriteColumns(node.column_descriptions, json);
  json.Key("meta").Value(config.contains("meta") ? config["meta"] : Json::object());
  json.Key("group").Value(config.contains("group") ? config["group"] : Json());
  json.Key("docs");
  if (config.contains("docs") && config["docs"].is_object()) {
    Json docs = Json::parse(kDocs);
    docs.update(config["docs"]);
    json.Value(docs);
  } else {
    json.Raw(kDocs);
  }
  json.Key("patch_path").Null();
  json.Key("build_path").Null();
  json.Key("unrendered_config").Raw("{}");
  json.Key("created_at").Number(static_cast<double>(project.started_micros) / 1e6);
  const bool has_relation = !IsDataTest(node) && node.config.materialized != "ephemeral";
  json.Key("relation_name").TextOrNull(has_relation ? ArtefactRelation(node.relation) : "");
}

/// What it reads.
void WriteInputs(const ProjectState& project, const Node& node, const NodeDetail& detail, JsonText& json) {
  json.Key("refs").BeginList();
  for (const std::string& id : node.depends_on) {
    const auto other = project.manifest.nodes.find(id);
    if (other == project.manifest.nodes.end()) continue;
    json.BeginObject();
    json.Key("name").Text(other->second.name);
    json.Key("package").Null();
    json.Key("version").Null();
    json.EndObject();
  }
  json.EndList();
  json.Key("sources").BeginList();
  for (const std::string& id : detail.sources) {
    for (const auto& [key, source] : project.sources) {
      if (source.unique_id == id) json.Texts(std::array{source.source, source.table});
    }
  }
  json.EndList();
  json.Key("metrics").Raw("[]");
  json.Key("functions").Raw("[]");
  json.Key("depends_on").BeginObject();
  json.Key("macros").Raw("[]");
  json.Key("nodes").BeginList();
  for (const std::string& id : node.depends_on) json.Text(id);
  for (const std::string& id : detail.sources) json.Text(id);
  json.EndList();
  json.EndObject();
}

void WriteCompiledText(const CompiledText* compiled, JsonText& json) {
  json.Key("compiled_path").TextOrNull(compiled == nullptr ? "" : compiled->path);
  if (compiled == nullptr) return;
  json.Key("compiled").Boolean(true);
  json.Key("compiled_code").Text(compiled->sql);
  json.Key("extra_ctes_injected").Boolean(true);
  json.Key("extra_ctes").Raw("[]");
}

void WriteTestMetadata(const Node& node, const NodeDetail& detail, JsonText& json) {
  json.Key("column_name").TextOrNull(node.column_name);
  json.Key("file_key_name").Null();
  json.Key("attached_node").TextOrNull(node.attached_to);
  (void)detail;
  json.Key("test_metadata").BeginObject();
  json.Key("name").Text(node.test_name);
  json.Key("kwargs").Value(node.test_arguments);
  json.Key("namespace").Null();
  json.EndObject();
}

}  // namespace

void WriteNode(const ProjectState& project, const Node& node, const CompiledText* compiled, JsonText& json) {
  const NodeDetail& detail = project.details.at(node.unique_id);
  json.BeginObject();
  WriteIdentity(project, node, detail, json);
  json.Key("config");
  WriteNodeConfig(node, json);
  WriteDescription(project, node, json);
  if (node.type == ResourceType::kSeed) {
    json.Key("raw_code").Text("");
    json.Key("doc_blocks").Raw("[]");
    json.Key("root_path").Text(std::filesystem::absolute(project.file.directory).lexically_normal().string());
    json.Key("depends_on").Raw(R"({"macros": []})");
    json.EndObject();
    return;
  }
  json.Key("raw_code").Text(detail.raw_sql);
  json.Key("doc_blocks").Raw("[]");
  json.Key("language").Text("sql");
  WriteInputs(project, node, detail, json);
  WriteCompiledText(compiled, json);
  json.Key("contract").Raw(kContract);
  if (node.type == ResourceType::kModel) {
    const Json& config = node.config.all;
    json.Key("access").Text(config.value("access", "protected"));
    json.Key("constraints").Raw("[]");
    json.Key("version").Null();
    json.Key("latest_version").Null();
    json.Key("deprecation_date").Null();
    json.Key("primary_key").Raw("[]");
    json.Key("time_spine").Null();
  }
  if (node.type == ResourceType::kGenericTest) WriteTestMetadata(node, detail, json);
  json.EndObject();
}

void WriteSource(const ProjectState& project, const SourceTable& source, JsonText& json) {
  json.BeginObject();
  json.Key("database").Text(kDatabase);
  json.Key("schema").Text(source.relation.schema);
  json.Key("name").Text(source.table);
  json.Key("resource_type").Text("source");
  json.Key("package_name").Text(project.file.name);
  json.Key("path").Text(source.file);
  json.Key("original_file_path").Text(source.file);
  json.Key("unique_id").Text(source.unique_id);
  json.Key("fqn").Texts(std::array{project.file.name, source.source, source.table});
  json.Key("source_name").Text(source.source);
  json.Key("source_description").Text("");
  json.Key("loader").Text("");
  json.Key("identifier").Text(source.relation.identifier);
  json.Key("quoting").Raw(R"({"database": null, "schema": null, "identifier": null, "column": null})");
  json.Key("loaded_at_field").Null();
  json.Key("loaded_at_query").Null();
  json.Key("freshness").Null();
  json.Key("external").Null();
  json.Key("description").Text(source.description);
  json.Key("columns").Raw("{}");
  json.Key("meta").Raw("{}");
  json.Key("source_meta").Raw("{}");
  json.Key("tags").Texts(source.tags);
  json.Key("config").Raw(R"({"enabled": true})");
  json.Key("patch_path").Null();
  json.Key("unrendered_config").Raw("{}");
  json.Key("relation_name").Text(ArtefactRelation(source.relation));
  json.Key("created_at").Number(static_cast<double>(project.started_micros) / 1e6);
  json.Key("unrendered_database").Null();
  json.Key("unrendered_schema").Null();
  json.Key("doc_blocks").Raw("[]");
  json.EndObject();
}

}  // namespace smelt::transform
