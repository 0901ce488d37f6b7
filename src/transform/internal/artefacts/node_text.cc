#include "transform/internal/artefacts/node_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <set>

#include "transform/internal/artefacts/artefact_file.h"
#include "transform/internal/artefacts/node_config_text.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

constexpr std::string_view kDocs = R"({"show": true, "node_color": null})";
/// The configuration of a source that nobody configures.
constexpr std::string_view kSourceConfig =
    R"({"enabled": true, "event_time": null, "freshness": {"warn_after": {"count": null, "period": null}, )"
    R"("error_after": {"count": null, "period": null}, "filter": null}, "loaded_at_field": null, )"
    R"("loaded_at_query": null, "meta": {}, "tags": [], "static_analysis": null})";
constexpr std::string_view kContract = R"({"enforced": false, "alias_types": true, "checksum": null})";

constexpr std::string_view kConstraint =
    R"({"type": null, "name": null, "expression": null, "warn_unenforced": true, "warn_unsupported": true, )"
    R"("to": null, "to_columns": []})";
constexpr std::string_view kModelConstraint =
    R"({"type": null, "name": null, "expression": null, "warn_unenforced": true, "warn_unsupported": true, )"
    R"("to": null, "to_columns": [], "columns": []})";

/// Constraints with the keys that `keys` has.
Json Constraints(const Json& written, std::string_view keys) {
  Json whole = Json::array();
  for (const Json& one : written) {
    Json constraint = Json::parse(keys);
    if (one.is_object()) constraint.update(one);
    whole.push_back(std::move(constraint));
  }
  return whole;
}

void WriteColumns(const std::vector<Column>& columns, JsonWriter& json) {
  json.BeginObject();
  for (const Column& column : columns) {
    json.Key(column.name);
    Json text = DescribeColumn(column);
    text["constraints"] = Constraints(column.constraints, kConstraint);
    json.Value(text);
  }
  json.EndObject();
}

std::string_view NodeKind(const Node& node) {
  return ResourceTypeText(node.type);
}

void WriteCreated(const ProjectState& project, JsonWriter& json) {
  json.Key("created_at").Number(static_cast<double>(project.started_micros) / 1e6);
}

/// Its file as dbt names it: analyses are below a folder of that name, what YAML defines below the YAML file.
std::string PathOf(const Node& node) {
  if (node.type == ResourceType::kAnalysis) return "analysis/" + node.path;
  const bool is_yaml = node.path.ends_with(".yml") || node.path.ends_with(".yaml");
  return node.type == ResourceType::kSnapshot && is_yaml ? node.path + "/" + node.name + ".sql" : node.path;
}

/// Who it is and where it goes.
void WriteIdentity(const Node& node, JsonWriter& json) {
  json.Key("database").Text(kDatabase);
  json.Key("schema").Text(node.relation.schema);
  json.Key("name").Text(node.name);
  json.Key("resource_type").Text(NodeKind(node));
  json.Key("package_name").Text(node.package);
  json.Key("path").Text(PathOf(node));
  json.Key("original_file_path").Text(node.original_file);
  json.Key("unique_id").Text(node.unique_id);
  json.Key("fqn").Texts(node.fqn);
  json.Key("alias").Text(node.relation.identifier);
  json.Key("checksum").BeginObject();
  json.Key("name").Text(node.checksum.empty() ? "none" : "sha256");
  json.Key("checksum").Text(node.checksum);
  json.EndObject();
}

/// What properties say of it.
void WriteDescription(const ProjectState& project, const Node& node, JsonWriter& json) {
  const Json& config = node.config.all;
  json.Key("tags").Texts(node.tags);
  json.Key("description").Text(node.description);
  json.Key("columns");
  WriteColumns(node.columns, json);
  json.Key("meta").Value(config.contains("meta") ? config["meta"] : Json::object());
  json.Key("group").Value(GroupOf(project, node));
  json.Key("docs");
  if (config.contains("docs") && config["docs"].is_object()) {
    Json docs = Json::parse(kDocs);
    docs.update(config["docs"]);
    json.Value(docs);
  } else {
    json.Raw(kDocs);
  }
  json.Key("patch_path").TextOrNull(node.properties_file);
  json.Key("build_path").Null();
  json.Key("unrendered_config").Value(node.unrendered_config);
  WriteCreated(project, json);
  const bool has_relation = !IsDataTest(node.type) && node.type != ResourceType::kOperation &&
                            node.type != ResourceType::kAnalysis && node.config.materialized != "ephemeral";
  json.Key("relation_name").TextOrNull(has_relation ? ArtefactRelation(node.relation) : "");
}

void WriteVersion(std::string_view key, const std::string& version, JsonWriter& json) {
  json.Key(key).Value(VersionValue(version));
}

/// What it reads.
void WriteInputs(const ProjectState& project, const Node& node, JsonWriter& json) {
  json.Key("refs").BeginList();
  for (const RefCall& ref : node.refs) {
    json.BeginObject();
    json.Key("name").Text(ref.name);
    json.Key("package").TextOrNull(ref.package);
    WriteVersion("version", ref.version, json);
    json.EndObject();
  }
  json.EndList();
  json.Key("sources").BeginList();
  for (const std::string& id : node.sources) {
    const SourceTable& source = project.manifest.sources.at(id);
    json.Texts(std::array{source.source, source.table});
  }
  json.EndList();
  json.Key("metrics").Raw("[]");
  json.Key("functions").Raw("[]");
  json.Key("depends_on").BeginObject();
  json.Key("macros").Texts(node.macros);
  json.Key("nodes").BeginList();
  for (const std::string& id : node.depends_on) json.Text(id);
  for (const std::string& id : node.sources) json.Text(id);
  json.EndList();
  json.EndObject();
}

void WriteContract(const Json& config, JsonWriter& json) {
  json.Key("contract");
  const auto own = config.find("contract");
  if (own == config.end() || !own->is_object()) return json.Raw(kContract);
  Json contract = Json::parse(kContract);
  contract.update(*own);
  json.Value(contract);
}

/// The columns that tests or constraints say are unique and never null; empty when nothing does.
std::vector<std::string> PrimaryKey(const ProjectState& project, const Node& model) {
  for (const Column& column : model.columns) {
    for (const Json& constraint : column.constraints) {
      if (constraint.is_object() && constraint.value("type", "") == "primary_key") return {column.name};
    }
  }
  std::set<std::string> unique, not_null;
  const auto tests = project.tests_of.find(model.unique_id);
  if (tests == project.tests_of.end()) return {};
  for (const std::string& id : tests->second) {
    const Node& test = project.manifest.nodes.at(id);
    if (test.test_name == "unique") unique.insert(test.column_name);
    if (test.test_name == "not_null") not_null.insert(test.column_name);
  }
  std::vector<std::string> both;
  std::ranges::set_intersection(unique, not_null, std::back_inserter(both));
  if (both.empty()) both.assign(unique.begin(), unique.end());
  return both;
}

void WriteCompiledText(const CompiledText* compiled, JsonWriter& json) {
  json.Key("compiled_path").TextOrNull(compiled == nullptr ? "" : compiled->path);
  if (compiled == nullptr) return;
  json.Key("compiled").Boolean(true);
  json.Key("compiled_code").Text(compiled->sql);
  json.Key("extra_ctes_injected").Boolean(true);
  json.Key("extra_ctes").Raw("[]");
}

const Node* FindNode(const ProjectState& project, const std::string& id) {
  const auto found = project.manifest.nodes.find(id);
  return found == project.manifest.nodes.end() ? nullptr : &found->second;
}

void WriteTestMetadata(const ProjectState& project, const Node& node, JsonWriter& json) {
  json.Key("column_name").TextOrNull(node.column_name);
  const Node* tested = node.attached_to.empty() ? nullptr : FindNode(project, node.attached_to);
  json.Key("file_key_name").TextOrNull(tested == nullptr ? "" : fmt::format("{}s.{}", NodeKind(*tested), tested->name));
  json.Key("attached_node").TextOrNull(node.attached_to);
  json.Key("test_metadata").BeginObject();
  json.Key("name").Text(node.test_name);
  Json arguments = node.test_arguments;
  arguments["model"] = "{{ get_where_subquery(" + node.test_model + ") }}";
  json.Key("kwargs").Value(arguments);
  json.Key("namespace").TextOrNull(node.test_namespace);
  json.EndObject();
}

}  // namespace

Json VersionValue(const std::string& version) {
  if (version.empty()) return Json();
  const bool is_number = version.size() < 10 && (version.size() == 1 || version[0] != '0') &&
                         version.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? Json::parse(version) : Json(version);
}

void WriteNode(const ProjectState& project, const Node& node, const CompiledText* compiled, JsonWriter& json) {
  json.BeginObject();
  WriteIdentity(node, json);
  json.Key("config");
  WriteNodeConfig(node, json);
  WriteDescription(project, node, json);
  if (node.type == ResourceType::kSeed) {
    json.Key("raw_code").Text("");
    json.Key("doc_blocks").Raw("[]");
    json.Key("root_path")
        .Text(std::filesystem::absolute(project.PackageOf(node.package).file.directory).lexically_normal().string());
    json.Key("depends_on").Raw(R"({"macros": []})");
    json.EndObject();
    return;
  }
  json.Key("raw_code").Text(node.raw_sql);
  json.Key("doc_blocks").Raw("[]");
  json.Key("language").Text(node.is_python ? "python" : "sql");
  WriteInputs(project, node, json);
  WriteCompiledText(compiled, json);
  WriteContract(node.config.all, json);
  if (node.type == ResourceType::kModel) {
    const Json& config = node.config.all;
    json.Key("access").Text(config.value("access", "protected"));
    json.Key("constraints").Value(Constraints(node.constraints, kModelConstraint));
    WriteVersion("version", node.version, json);
    WriteVersion("latest_version", node.latest_version, json);
    json.Key("deprecation_date").TextOrNull(node.deprecation_date);
    json.Key("primary_key").Texts(PrimaryKey(project, node));
    json.Key("time_spine").Value(node.time_spine);
  }
  if (node.type == ResourceType::kGenericTest) WriteTestMetadata(project, node, json);
  json.EndObject();
}

void WriteSource(const ProjectState& project, const SourceTable& source, JsonWriter& json) {
  json.BeginObject();
  json.Key("database").Text(kDatabase);
  json.Key("schema").Text(source.relation.schema);
  json.Key("name").Text(source.table);
  json.Key("resource_type").Text("source");
  json.Key("package_name").Text(source.package);
  json.Key("path").Text(source.original_file);
  json.Key("original_file_path").Text(source.original_file);
  json.Key("unique_id").Text(source.unique_id);
  json.Key("fqn").Texts(source.fqn);
  json.Key("source_name").Text(source.source);
  json.Key("source_description").Text(source.source_description);
  json.Key("loader").Text(source.loader);
  json.Key("identifier").Text(source.relation.identifier);
  Json quoting = {{"database", nullptr}, {"schema", nullptr}, {"identifier", nullptr}, {"column", nullptr}};
  Json own = source.config;
  if (const auto given = own.find("quoting"); given != own.end()) {
    if (given->is_object()) quoting.update(*given);
    own.erase(given);
  }
  const Relation relation(source.relation, "", ReadQuoting(quoting));
  json.Key("quoting").Value(quoting);
  json.Key("loaded_at_field").TextOrNull(source.loaded_at_field);
  json.Key("loaded_at_query").TextOrNull(source.loaded_at_query);
  json.Key("freshness").Value(source.freshness);
  json.Key("external").Value(source.external);
  json.Key("description").Text(source.description);
  json.Key("columns");
  WriteColumns(source.columns, json);
  json.Key("meta").Value(source.meta);
  json.Key("source_meta").Value(source.source_meta);
  json.Key("tags").Texts(source.tags);
  Json config = Json::parse(kSourceConfig);
  config.update(own);
  json.Key("config").Value(config);
  json.Key("patch_path").Null();
  json.Key("unrendered_config").Value(source.unrendered_config);
  json.Key("relation_name").Text(relation.Render());
  WriteCreated(project, json);
  json.Key("unrendered_database").Null();
  json.Key("unrendered_schema").Null();
  json.Key("doc_blocks").Raw("[]");
  json.EndObject();
}

Json GroupOf(const ProjectState& project, const Node& node) {
  const auto own = node.config.all.find("group");
  if (own != node.config.all.end() && !own->is_null()) return *own;
  const auto tested = project.manifest.nodes.find(node.attached_to);
  return IsDataTest(node.type) && tested != project.manifest.nodes.end() ? GroupOf(project, tested->second) : Json();
}

void WriteUnitTest(const ProjectState& project, const Node& node, JsonWriter& json) {
  Json text = node.unit_test;
  for (const char* own : {"config", "description", "name"}) text.erase(own);
  text["name"] = node.name;
  text["resource_type"] = NodeKind(node);
  text["package_name"] = node.package;
  text["path"] = node.path;
  text["original_file_path"] = node.original_file;
  text["unique_id"] = node.unique_id;
  text["fqn"] = node.fqn;
  text["description"] = node.description;
  text["depends_on"] = {{"macros", Json::array()}, {"nodes", node.depends_on}};
  text["config"] = {
      {"tags", node.tags}, {"meta", node.config.all["meta"]}, {"enabled", true}, {"static_analysis", nullptr}};
  text["checksum"] = node.checksum;
  text["schema"] = node.relation.schema;
  text["created_at"] = static_cast<double>(project.started_micros) / 1e6;
  if (!text.contains("overrides")) text["overrides"] = nullptr;
  if (!text.contains("versions")) text["versions"] = nullptr;
  text["version"] = node.version.empty() ? Json() : Json(node.version);
  auto complete = [](Json& part) {
    if (!part.contains("fixture")) part["fixture"] = nullptr;
  };
  for (Json& given : text["given"]) complete(given);
  complete(text["expect"]);
  json.Value(text);
}

}  // namespace smelt::transform
