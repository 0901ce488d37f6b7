#include "transform/internal/artefacts/catalog_file.h"

#include <map>

#include "transform/internal/artefacts/artefact_file.h"
#include "transform/internal/project/relation.h"

namespace smelt::transform {
namespace {

using TableMap = std::map<RelationName, const engine::TableInfo*>;

void WriteStatistic(std::string_view id, std::string_view label, std::int64_t value, std::string_view description,
                    JsonWriter& json) {
  json.Key(id).BeginObject();
  json.Key("id").Text(id);
  json.Key("label").Text(label);
  json.Key("value").Integer(value);
  json.Key("include").Boolean(true);
  json.Key("description").Text(description);
  json.EndObject();
}

void WriteStatistics(const engine::TableInfo& table, JsonWriter& json) {
  json.Key("stats").BeginObject();
  const bool known = !table.is_view;
  if (known && table.rows >= 0) WriteStatistic("row_count", "Row Count", table.rows, "Rows of the table", json);
  if (known) WriteStatistic("bytes", "Approximate Size", table.bytes, "Bytes of the table's files", json);
  if (known) WriteStatistic("files", "Files", table.files, "Files of the newest version", json);
  json.Key("has_stats").BeginObject();
  json.Key("id").Text("has_stats");
  json.Key("label").Text("Has Stats?");
  json.Key("value").Boolean(known);
  json.Key("include").Boolean(false);
  json.Key("description").Text("Whether there are statistics of the table");
  json.EndObject();
  json.EndObject();
}

void WriteTable(const std::string& id, const engine::TableInfo& table, JsonWriter& json) {
  json.Key(id).BeginObject();
  json.Key("metadata").BeginObject();
  json.Key("type").Text(table.is_view ? "VIEW" : "BASE TABLE");
  json.Key("schema").Text(table.schema);
  json.Key("name").Text(table.table);
  json.Key("database").Text(kDatabase);
  json.Key("comment").Null();
  json.Key("owner").Null();
  json.EndObject();
  json.Key("columns").BeginObject();
  std::int64_t index = 0;
  for (const auto& [name, type] : table.columns) {
    json.Key(name).BeginObject();
    json.Key("type").Text(type);
    json.Key("index").Integer(++index);
    json.Key("name").Text(name);
    json.Key("comment").Null();
    json.EndObject();
  }
  json.EndObject();
  WriteStatistics(table, json);
  json.Key("unique_id").Text(id);
  json.EndObject();
}

}  // namespace

Status WriteCatalog(const ProjectState& project, const std::vector<engine::TableInfo>& tables) {
  TableMap by_name;
  for (const engine::TableInfo& table : tables) by_name.emplace(RelationName{table.schema, table.table}, &table);
  JsonWriter json;
  BeginArtefact(project, "catalog/v1", json);
  json.EndObject();
  json.Key("nodes").BeginObject();
  for (const auto& [id, node] : project.manifest.nodes) {
    if (ResourceTypeText(node.type) == "test") continue;
    if (const auto table = by_name.find(node.relation); table != by_name.end()) WriteTable(id, *table->second, json);
  }
  json.EndObject();
  json.Key("sources").BeginObject();
  for (const auto& [id, source] : project.manifest.sources) {
    const auto table = by_name.find(source.relation);
    if (table != by_name.end()) WriteTable(source.unique_id, *table->second, json);
  }
  json.EndObject();
  json.Key("errors").Null();
  json.EndObject();
  return WriteArtefact(project, "catalog.json", json);
}

}  // namespace smelt::transform
