#include "transform/internal/artefacts/manifest_file.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "transform/internal/artefacts/artefact_file.h"

namespace smelt::transform {
namespace {

void WriteMetadata(const ProjectState& project, JsonText& json) {
  BeginArtefact(project, "manifest/v12", json);
  json.Key("project_name").Text(project.file.name);
  json.Key("project_id").Null();
  json.Key("user_id").Null();
  json.Key("send_anonymous_usage_stats").Boolean(false);
  json.Key("adapter_type").Text("duckdb");
  json.Key("quoting").Raw(R"({"database": true, "schema": true, "identifier": true, "column": null})");
  json.Key("run_started_at").Text(ArtefactTime(project.started_micros));
  json.EndObject();
}

void WriteNodes(const ProjectState& project, const CompiledTexts& compiled, JsonText& json) {
  json.Key("nodes").BeginObject();
  for (const auto& [id, node] : project.manifest.nodes) {
    const auto text = compiled.find(id);
    json.Key(id);
    WriteNode(project, node, text == compiled.end() ? nullptr : &text->second, json);
  }
  json.EndObject();
}

void WriteSources(const ProjectState& project, JsonText& json) {
  json.Key("sources").BeginObject();
  for (const auto& [key, source] : project.sources) {
    json.Key(source.unique_id);
    WriteSource(project, source, json);
  }
  json.EndObject();
}

void WriteDocs(const ProjectState& project, JsonText& json) {
  json.Key("docs").BeginObject();
  for (const auto& [name, text] : project.docs) {
    const std::string id = "doc." + project.file.name + "." + name;
    json.Key(id).BeginObject();
    json.Key("name").Text(name);
    json.Key("resource_type").Text("doc");
    json.Key("package_name").Text(project.file.name);
    json.Key("path").Text("");
    json.Key("original_file_path").Text("");
    json.Key("unique_id").Text(id);
    json.Key("block_contents").Text(text);
    json.EndObject();
  }
  json.EndObject();
}

/// Who depends on whom, both ways.
void WriteMaps(const ProjectState& project, JsonText& json) {
  std::map<std::string_view, std::vector<std::string_view>> parents, children;
  for (const auto& [key, source] : project.sources) parents[source.unique_id], children[source.unique_id];
  for (const auto& [id, node] : project.manifest.nodes) {
    auto& own = parents[id];
    children[id];
    own.insert(own.end(), node.depends_on.begin(), node.depends_on.end());
    const auto& sources = project.details.at(id).sources;
    own.insert(own.end(), sources.begin(), sources.end());
    for (const std::string_view parent : own) children[parent].push_back(id);
  }
  for (const auto& [name, map] : {std::pair("parent_map", &parents), std::pair("child_map", &children)}) {
    json.Key(name).BeginObject();
    for (const auto& [id, others] : *map) json.Key(id).Texts(others);
    json.EndObject();
  }
}

Status WriteSemanticManifest(const ProjectState& project) {
  JsonText json;
  json.Raw(
      R"({"semantic_models": [], "metrics": [], "project_configuration": {"time_spine_table_configurations": [], )"
      R"("metadata": null, "dsi_package_version": {"major_version": "0", "minor_version": "9", "patch_version": "0"}, )"
      R"("time_spines": []}, "saved_queries": []})");
  return WriteArtefact(project, "semantic_manifest.json", json);
}

}  // namespace

Status WriteManifest(const ProjectState& project, const CompiledTexts& compiled) {
  JsonText json;
  WriteMetadata(project, json);
  WriteNodes(project, compiled, json);
  WriteSources(project, json);
  json.Key("macros").Raw("{}");
  WriteDocs(project, json);
  for (const char* empty : {"exposures", "metrics", "groups", "selectors", "disabled"}) json.Key(empty).Raw("{}");
  WriteMaps(project, json);
  for (const char* empty : {"group_map", "saved_queries", "semantic_models", "unit_tests", "functions"}) {
    json.Key(empty).Raw("{}");
  }
  json.EndObject();
  SMELT_TRY(WriteArtefact(project, "manifest.json", json));
  return WriteSemanticManifest(project);
}

}  // namespace smelt::transform
