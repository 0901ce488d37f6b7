#include "transform/internal/artefacts/manifest_file.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "transform/internal/artefacts/artefact_file.h"
#include "transform/internal/artefacts/described_text.h"
#include "transform/internal/semantic/semantic_manifest.h"

namespace smelt::transform {
namespace {

void WriteMetadata(const ProjectState& project, JsonWriter& json) {
  BeginArtefact(project, "manifest/v12", json);
  json.Key("project_name").Text(project.file().name);
  json.Key("project_id").Null();
  json.Key("user_id").Null();
  json.Key("send_anonymous_usage_stats").Boolean(false);
  json.Key("adapter_type").Text("duckdb");
  json.Key("quoting").Raw(R"({"database": true, "schema": true, "identifier": true, "column": null})");
  json.Key("run_started_at").Text(ArtefactTime(project.started_micros));
  json.EndObject();
}

constexpr std::size_t kNodesOfBlock = 256;

/// The texts of some nodes, and where in it each stands.
struct NodeBlock {
  JsonWriter json;
  std::vector<std::pair<const Node*, TextSpan>> places;

  void Add(const ProjectState& project, const Node& node, const CompiledTexts& compiled) {
    const auto text = compiled.find(node.unique_id);
    json.Key(node.unique_id);
    const auto begin = static_cast<std::int64_t>(json.text().size());
    WriteNode(project, node, text == compiled.end() ? nullptr : &text->second, json);
    places.emplace_back(&node, TextSpan{begin, static_cast<std::int64_t>(json.text().size()) - begin});
  }
};

/// Nodes are most of a manifest: some blocks of them at a time are made side by side.
Status WriteNodes(const ProjectState& project, const CompiledTexts& compiled, JsonWriter& json, FileWriter& file,
                  ManifestLayout* layout) {
  std::vector<const Node*> nodes;
  for (const auto& [id, node] : project.manifest.nodes) {
    if (node.type != ResourceType::kUnitTest) nodes.push_back(&node);
  }
  for (const Node& node : project.manifest.operations) nodes.push_back(&node);
  const std::size_t threads = ProcessorCount();
  json.Key("nodes").BeginObject();
  for (std::size_t begin = 0; begin < nodes.size(); begin += threads * kNodesOfBlock) {
    std::vector<NodeBlock> blocks(threads);
    SMELT_TRY(ForEachParallel(threads, threads, [&](std::size_t i) -> Status {
      const std::size_t first = std::min(begin + i * kNodesOfBlock, nodes.size());
      const std::size_t last = std::min(first + kNodesOfBlock, nodes.size());
      for (std::size_t node = first; node < last; ++node) blocks[i].Add(project, *nodes[node], compiled);
      return {};
    }));
    for (const NodeBlock& block : blocks) {
      if (block.places.empty()) continue;
      json.Raw(block.json.text());
      const std::int64_t start = file.size() + static_cast<std::int64_t>(json.text().size() - block.json.text().size());
      for (const auto& [node, place] : block.places) {
        if (layout != nullptr) layout->nodes.emplace_back(node, TextSpan{start + place.begin, place.size});
      }
      SMELT_TRY(file.Append(json.TakeText()));
    }
  }
  json.EndObject();
  return {};
}

void WriteUnitTests(const ProjectState& project, JsonWriter& json) {
  json.Key("unit_tests").BeginObject();
  for (const auto& [id, node] : project.manifest.nodes) {
    if (node.type != ResourceType::kUnitTest) continue;
    json.Key(id);
    WriteUnitTest(project, node, json);
  }
  json.EndObject();
}

void WriteSources(const ProjectState& project, JsonWriter& json) {
  json.Key("sources").BeginObject();
  for (const auto& [id, source] : project.manifest.sources) {
    json.Key(id);
    WriteSource(project, source, json);
  }
  json.EndObject();
}

void WriteDisabled(const ProjectState& project, JsonWriter& json) {
  json.Key("disabled").BeginObject();
  for (const auto& [id, nodes] : project.manifest.disabled) {
    json.Key(id).BeginList();
    for (const Node& node : nodes) WriteNode(project, node, nullptr, json);
    json.EndList();
  }
  json.EndObject();
}

/// What everything that a file of a package defines has.
struct Head {
  std::string_view type, name, package, file, unique_id;
};

/// `path`: as seen from the folder of its kind; empty: as seen from the package.
void WriteHead(const Head& head, JsonWriter& json, std::string_view path = {}) {
  json.Key("name").Text(head.name);
  json.Key("resource_type").Text(head.type);
  json.Key("package_name").Text(head.package);
  json.Key("path").Text(path.empty() ? head.file : path);
  json.Key("original_file_path").Text(head.file);
  json.Key("unique_id").Text(head.unique_id);
}

void WriteMacro(const ProjectState& project, const MacroEntry& macro, JsonWriter& json) {
  json.Key(macro.unique_id).BeginObject();
  WriteHead({"macro", macro.name, macro.package, macro.file, macro.unique_id}, json);
  json.Key("macro_sql").Text(macro.Text());
  json.Key("depends_on").BeginObject();
  json.Key("macros").BeginList();
  for (const MacroEntry* other : macro.depends_on) json.Text(other->unique_id);
  json.EndList();
  json.EndObject();
  json.Key("description").Text(macro.description);
  json.Key("meta").Value(macro.meta);
  json.Key("docs").Raw(R"({"show": true, "node_color": null})");
  json.Key("config").BeginObject();
  json.Key("meta").Value(macro.meta);
  json.Key("docs").Raw(R"({"show": true, "node_color": null})");
  json.EndObject();
  json.Key("patch_path").TextOrNull(macro.properties_file);
  json.Key("arguments").BeginList();
  for (const Json& argument : macro.arguments) {
    if (!argument.is_object()) continue;
    json.BeginObject();
    json.Key("name").Text(argument.value("name", ""));
    json.Key("type").TextOrNull(argument.value("type", ""));
    json.Key("description").Text(argument.value("description", ""));
    json.EndObject();
  }
  json.EndList();
  json.Key("created_at").Number(static_cast<double>(project.started_micros) / 1e6);
  json.Key("supported_languages").Null();
  json.EndObject();
}

void WriteMacros(const ProjectState& project, JsonWriter& json) {
  json.Key("macros").BeginObject();
  for (const auto& [package, table] : project.macros.packages()) {
    std::map<std::string_view, const MacroEntry*> sorted;
    for (const auto& [name, macro] : table) sorted.emplace(name, macro.get());
    for (const auto& [name, macro] : sorted) WriteMacro(project, *macro, json);
  }
  json.EndObject();
}

void WriteDocs(const ProjectState& project, JsonWriter& json) {
  json.Key("docs").BeginObject();
  for (const auto& [key, block] : project.manifest.docs) {
    const std::string id = "doc." + key.first + "." + key.second;
    json.Key(id).BeginObject();
    WriteHead({"doc", key.second, key.first, block.file, id}, json, PathInFolder(project, key.first, block.file));
    json.Key("block_contents").Text(block.text);
    json.EndObject();
  }
  json.EndObject();
}

void WriteDescribed(const ProjectState& project, std::string_view key, std::string_view type, JsonWriter& json) {
  json.Key(key).BeginObject();
  for (const auto& [id, described] : project.manifest.described) {
    if (described.type != type) continue;
    json.Key(id);
    json.Value(DescribedText(project, described));
  }
  json.EndObject();
}

void WriteGroups(const ProjectState& project, JsonWriter& json) {
  json.Key("groups").BeginObject();
  for (const auto& [name, group] : project.manifest.groups) {
    const std::string id = "group." + group.package + "." + name;
    json.Key(id).BeginObject();
    WriteHead({"group", name, group.package, group.original_file, id}, json,
              PathInFolder(project, group.package, group.original_file));
    json.Key("owner").Value(group.owner);
    json.Key("description").TextOrNull(group.description);
    json.Key("config").Raw(R"({"meta": {}})");
    json.EndObject();
  }
  json.EndObject();
  std::map<std::string, std::vector<std::string_view>> members;
  for (const auto& [name, group] : project.manifest.groups) members[name];
  for (const auto& [id, node] : project.manifest.nodes) {
    const Json group = GroupOf(project, node);
    if (group.is_string()) members[group.get<std::string>()].push_back(id);
  }
  json.Key("group_map").BeginObject();
  for (const auto& [name, ids] : members) json.Key(name).Texts(ids);
  json.EndObject();
}

void WriteSelectors(const ProjectState& project, JsonWriter& json) {
  json.Key("selectors").BeginObject();
  for (const auto& [name, selector] : project.selectors) {
    json.Key(name).BeginObject();
    json.Key("name").Text(name);
    if (!selector.description.empty()) json.Key("description").Text(selector.description);
    if (selector.is_default) json.Key("default").Boolean(true);
    json.Key("definition").Value(selector.definition);
    json.EndObject();
  }
  json.EndObject();
}

/// Who depends on whom, both ways.
void WriteMaps(const ProjectState& project, JsonWriter& json) {
  std::map<std::string_view, std::vector<std::string_view>> parents, children;
  for (const auto& [id, source] : project.manifest.sources) parents[id], children[id];
  for (const auto& [id, described] : project.manifest.described) {
    auto& own = parents[id];
    children[id];
    own.insert(own.end(), described.depends_on.begin(), described.depends_on.end());
    for (const std::string_view parent : own) children[parent].push_back(id);
  }
  const auto add = [&](const Node& node) {
    auto& own = parents[node.unique_id];
    children[node.unique_id];
    own.insert(own.end(), node.depends_on.begin(), node.depends_on.end());
    own.insert(own.end(), node.sources.begin(), node.sources.end());
    for (const std::string_view parent : own) children[parent].push_back(node.unique_id);
  };
  for (const auto& [id, node] : project.manifest.nodes) add(node);
  for (const Node& operation : project.manifest.operations) add(operation);
  for (auto& [name, map] : {std::pair("parent_map", &parents), std::pair("child_map", &children)}) {
    json.Key(name).BeginObject();
    for (auto& [id, others] : *map) {
      std::ranges::sort(others);
      json.Key(id).Texts(others);
    }
    json.EndObject();
  }
}

Status WriteSemanticManifest(const ProjectState& project) {
  JsonWriter json;
  json.Value(SemanticManifest(project));
  return WriteArtefact(project, "semantic_manifest.json", json);
}

}  // namespace

Status WriteManifest(const ProjectState& project, const CompiledTexts& compiled, ManifestLayout* layout) {
  SMELT_ASSIGN(FileWriter file, CreateArtefact(project, kManifestFile));
  JsonWriter json;
  WriteMetadata(project, json);
  if (layout != nullptr) {
    layout->inode = file.Inode();
    layout->metadata = {0, static_cast<std::int64_t>(json.text().size())};
  }
  SMELT_TRY(WriteNodes(project, compiled, json, file, layout));
  WriteSources(project, json);
  WriteMacros(project, json);
  WriteDocs(project, json);
  WriteDescribed(project, "exposures", "exposure", json);
  WriteDescribed(project, "metrics", "metric", json);
  WriteGroups(project, json);
  WriteSelectors(project, json);
  WriteDisabled(project, json);
  WriteMaps(project, json);
  WriteDescribed(project, "saved_queries", "saved_query", json);
  WriteDescribed(project, "semantic_models", "semantic_model", json);
  WriteUnitTests(project, json);
  json.Key("functions").Raw("{}");
  json.EndObject();
  SMELT_TRY(file.Append(json.text()));
  SMELT_TRY(file.Finish());
  return WriteSemanticManifest(project);
}

std::string MetadataText(const ProjectState& project) {
  JsonWriter json;
  WriteMetadata(project, json);
  return json.text();
}

std::string NodeText(const ProjectState& project, const Node& node) {
  JsonWriter json;
  WriteNode(project, node, nullptr, json);
  return json.text();
}

}  // namespace smelt::transform
