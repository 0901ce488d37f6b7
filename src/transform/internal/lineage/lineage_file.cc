#include "transform/internal/lineage/lineage_file.h"

#include <array>

#include "base/file.h"
#include "base/json.h"
#include "base/version.h"
#include "transform/internal/artefacts/json_writer.h"

namespace smelt::transform {
namespace {

constexpr std::int64_t kFormat = 1;

void WriteRef(const ColumnRef& ref, JsonWriter& json) {
  json.Key("node").Text(ref.node);
  json.Key("column").Text(ref.column);
  if (!ref.field.empty()) json.Key("field").Text(ref.field);
}

void WriteRefs(const std::vector<ColumnRef>& refs, JsonWriter& json) {
  json.Key("influences").BeginList();
  for (const ColumnRef& ref : refs) {
    json.BeginObject();
    WriteRef(ref, json);
    json.EndObject();
  }
  json.EndList();
}

void WriteColumn(const LineageColumn& column, JsonWriter& json) {
  json.Key(column.name).BeginObject();
  json.Key("type").TextOrNull(column.type);
  json.Key("inputs").BeginList();
  for (const ColumnInput& input : column.inputs) {
    json.BeginObject();
    WriteRef(input.from, json);
    json.Key("how").Text(engine::DerivationText(input.how));
    json.EndObject();
  }
  json.EndList();
  if (!column.influences.empty()) WriteRefs(column.influences, json);
  json.EndObject();
}

void WriteNodeLineage(const KnownLineage& known, JsonWriter& json) {
  const NodeLineage& node = known.lineage;
  json.Key(node.unique_id).BeginObject();
  json.Key("name").Text(node.name);
  json.Key("resource_type").Text(node.resource_type);
  json.Key("hash").Text(known.hash);
  json.Key("problem").TextOrNull(node.problem);
  json.Key("untraced").Texts(node.untraced);
  json.Key("columns").BeginObject();
  for (const LineageColumn& column : node.columns) WriteColumn(column, json);
  json.EndObject();
  WriteRefs(node.influences, json);
  json.EndObject();
}

/// The list or object under a key; empty when there is none.
const Json& PartAt(const Json& object, const char* key) {
  static const Json kNone = Json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_structured() ? *found : kNone;
}

ColumnRef ReadRef(const Json& json) {
  return {TextAt(json, "node"), TextAt(json, "column"), TextAt(json, "field")};
}

engine::Derivation ReadDerivation(const std::string& text) {
  using enum engine::Derivation;
  for (const engine::Derivation derivation : {kCopy, kComputed}) {
    if (text == engine::DerivationText(derivation)) return derivation;
  }
  return kAggregated;
}

KnownLineage ReadNodeLineage(const std::string& id, const Json& json) {
  KnownLineage known;
  known.hash = TextAt(json, "hash");
  NodeLineage& node = known.lineage;
  node.unique_id = id;
  node.name = TextAt(json, "name");
  node.resource_type = TextAt(json, "resource_type");
  node.problem = TextAt(json, "problem");
  for (const Json& what : PartAt(json, "untraced")) {
    if (what.is_string()) node.untraced.push_back(what.get<std::string>());
  }
  for (const Json& ref : PartAt(json, "influences")) node.influences.push_back(ReadRef(ref));
  for (const auto& [name, text] : PartAt(json, "columns").items()) {
    LineageColumn column{name, TextAt(text, "type"), {}, {}};
    for (const Json& input : PartAt(text, "inputs")) {
      column.inputs.push_back({ReadRef(input), ReadDerivation(TextAt(input, "how"))});
    }
    for (const Json& ref : PartAt(text, "influences")) column.influences.push_back(ReadRef(ref));
    node.columns.push_back(std::move(column));
  }
  return known;
}

}  // namespace

KnownLineages ReadLineage(const std::string& path) {
  KnownLineages known;
  const auto text = ReadWholeFile(path);
  if (!text) return known;
  const auto json = ParseJson(*text, path);
  if (!json || !json->is_object()) return known;
  const Json& metadata = PartAt(*json, "metadata");
  const bool fits = metadata.is_object() && metadata.value("format", std::int64_t{0}) == kFormat &&
                    TextAt(metadata, "smelt_version") == kSmeltVersion;
  if (!fits) return known;
  for (const auto& [id, node] : PartAt(*json, "nodes").items()) known.emplace(id, ReadNodeLineage(id, node));
  return known;
}

Status WriteLineage(const ProjectState& project, const std::string& path, const KnownLineages& lineages) {
  JsonWriter json;
  json.BeginObject();
  json.Key("metadata").BeginObject();
  json.Key("format").Integer(kFormat);
  json.Key("smelt_version").Text(kSmeltVersion);
  json.Key("project_name").Text(project.file().name);
  json.EndObject();
  json.Key("nodes").BeginObject();
  for (const auto& [id, known] : lineages) WriteNodeLineage(known, json);
  json.EndObject();
  json.EndObject();
  if (const auto before = ReadWholeFile(path); before && *before == json.text()) return {};
  return WriteWholeFile(path, json.text());
}

}  // namespace smelt::transform
