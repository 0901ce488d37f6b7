#include "transform/internal/docs/page_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/clock.h"
#include "transform/internal/artefacts/json_writer.h"

namespace smelt::transform {
namespace {

/// Writes the nodes one after the other; they name one another by their place in the list.
class PageWriter {
 public:
  explicit PageWriter(const PageContent& content) : content_(content) {
    const Manifest& manifest = content.project.manifest;
    for (const auto& [id, source] : manifest.sources) Number(id);
    for (const auto& [id, node] : manifest.nodes) {
      if (IsShown(node)) Number(id);
    }
    for (const auto& [id, described] : manifest.described) Number(id);
  }

  std::string Write();

 private:
  static bool IsShown(const Node& node) {
    return node.type != ResourceType::kGenericTest && node.type != ResourceType::kUnitTest;
  }
  void Number(const std::string& id) { numbers_.emplace(id, static_cast<std::int64_t>(numbers_.size())); }
  void WriteProject();
  void WriteSource(const SourceTable& source);
  void WriteNode(const Node& node);
  void WriteDescribed(const Described& described);
  void WriteColumns(const std::string& id, const std::vector<Column>& columns, const engine::TableInfo* table);
  void WriteColumn(const std::string& name, const std::string& type, const Column* described,
                   const LineageColumn* traced);
  void WriteTable(const engine::TableInfo* table);
  void WriteTests(const std::string& id);
  void WriteNeeds(std::initializer_list<const std::vector<std::string>*> lists);
  void WriteRef(const ColumnRef& ref);
  void WriteNodeOf(const std::string& id);
  /// The keys that follow from lineage: why there is none, and what decides about rows.
  void WriteTracing(const std::string& id);
  const engine::TableInfo* TableOf(const RelationName& relation) const;
  const NodeLineage* LineageOf(const std::string& id) const;

  const PageContent& content_;
  std::map<std::string, std::int64_t> numbers_;
  JsonWriter json_;
};

const Column* FindColumn(const std::vector<Column>& columns, const std::string& name) {
  const auto found =
      std::ranges::find_if(columns, [&](const Column& own) { return EqualsIgnoringCase(own.name, name); });
  return found == columns.end() ? nullptr : &*found;
}

std::string PageWriter::Write() {
  json_.BeginObject();
  WriteProject();
  json_.Key("nodes").BeginList();
  const Manifest& manifest = content_.project.manifest;
  // In the order in which they were numbered.
  for (const auto& [id, source] : manifest.sources) WriteSource(source);
  for (const auto& [id, node] : manifest.nodes) {
    if (IsShown(node)) WriteNode(node);
  }
  for (const auto& [id, described] : manifest.described) WriteDescribed(described);
  json_.EndList();
  json_.EndObject();
  return json_.text();
}

void PageWriter::WriteProject() {
  const Manifest& manifest = content_.project.manifest;
  const auto overview = manifest.docs.find({manifest.project_name, "__overview__"});
  json_.Key("project").BeginObject();
  json_.Key("name").Text(manifest.project_name);
  json_.Key("written").Text(FormatUtcMicros(NowMicros()).substr(0, 16));
  json_.Key("overview").Text(overview == manifest.docs.end() ? "" : overview->second.text);
  json_.EndObject();
}

const engine::TableInfo* PageWriter::TableOf(const RelationName& relation) const {
  const auto found = content_.tables.find(relation);
  return found == content_.tables.end() ? nullptr : found->second;
}

const NodeLineage* PageWriter::LineageOf(const std::string& id) const {
  const auto found = content_.lineage.nodes.find(id);
  return found == content_.lineage.nodes.end() ? nullptr : &found->second;
}

void PageWriter::WriteNodeOf(const std::string& id) {
  const auto number = numbers_.find(id);
  if (number == numbers_.end()) return json_.Text(id);
  json_.Integer(number->second);
}

void PageWriter::WriteRef(const ColumnRef& ref) {
  json_.BeginList();
  WriteNodeOf(ref.node);
  json_.Text(ref.column);
  json_.EndList();
}

void PageWriter::WriteColumn(const std::string& name, const std::string& type, const Column* described,
                             const LineageColumn* traced) {
  json_.BeginObject();
  json_.Key("name").Text(name);
  json_.Key("type").Text(type);
  json_.Key("description").Text(described == nullptr ? "" : described->description);
  json_.Key("from").BeginList();
  for (const ColumnInput& input : traced == nullptr ? std::vector<ColumnInput>() : traced->inputs) {
    json_.BeginList();
    WriteNodeOf(input.from.node);
    json_.Text(input.from.column);
    json_.Integer(static_cast<std::int64_t>(input.how));
    if (!input.from.field.empty()) json_.Text(input.from.field);
    json_.EndList();
  }
  json_.EndList();
  json_.Key("decides").BeginList();
  for (const ColumnRef& ref : traced == nullptr ? std::vector<ColumnRef>() : traced->influences) WriteRef(ref);
  json_.EndList();
  json_.EndObject();
}

void PageWriter::WriteColumns(const std::string& id, const std::vector<Column>& columns,
                              const engine::TableInfo* table) {
  const NodeLineage* lineage = LineageOf(id);
  const auto type_in_lake = [table](const std::string& name) -> std::string {
    if (table == nullptr) return "";
    for (const auto& [own, type] : table->columns) {
      if (EqualsIgnoringCase(own, name)) return type;
    }
    return "";
  };
  json_.Key("columns").BeginList();
  // What is there comes in its own order, what is only described comes after it.
  std::vector<std::string> names;
  if (lineage != nullptr) {
    for (const LineageColumn& column : lineage->columns) names.push_back(column.name);
  }
  if (names.empty() && table != nullptr) {
    for (const auto& [name, type] : table->columns) names.push_back(name);
  }
  const std::size_t real = names.size();
  for (const Column& column : columns) {
    const auto same = [&column](const std::string& name) { return EqualsIgnoringCase(name, column.name); };
    if (std::ranges::none_of(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(real), same)) {
      names.push_back(column.name);
    }
  }
  for (const std::string& name : names) {
    const LineageColumn* traced = lineage == nullptr ? nullptr : lineage->Find(name);
    const Column* described = FindColumn(columns, name);
    std::string type = type_in_lake(name);
    if (type.empty() && traced != nullptr) type = traced->type;
    if (type.empty() && described != nullptr) type = described->data_type;
    WriteColumn(name, type, described, traced);
  }
  json_.EndList();
}

void PageWriter::WriteTracing(const std::string& id) {
  const NodeLineage* lineage = LineageOf(id);
  json_.Key("problem").Text(lineage == nullptr ? "" : lineage->problem);
  json_.Key("decides").BeginList();
  for (const ColumnRef& ref : lineage == nullptr ? std::vector<ColumnRef>() : lineage->influences) WriteRef(ref);
  json_.EndList();
}

void PageWriter::WriteTable(const engine::TableInfo* table) {
  const bool is_table = table != nullptr && !table->is_view;
  json_.Key("rows").Integer(is_table ? table->rows : -1);
  json_.Key("bytes").Integer(is_table ? table->bytes : -1);
}

void PageWriter::WriteTests(const std::string& id) {
  json_.Key("tests").BeginList();
  const auto tests = content_.project.tests_of.find(id);
  const std::vector<std::string> none;
  for (const std::string& test_id : tests == content_.project.tests_of.end() ? none : tests->second) {
    const auto test = content_.project.manifest.nodes.find(test_id);
    if (test == content_.project.manifest.nodes.end()) continue;
    json_.BeginObject();
    json_.Key("name").Text(test->second.test_name);
    json_.Key("column").Text(test->second.column_name);
    json_.Key("id").Text(test_id);
    json_.EndObject();
  }
  json_.EndList();
}

void PageWriter::WriteNeeds(std::initializer_list<const std::vector<std::string>*> lists) {
  json_.Key("needs").BeginList();
  for (const std::vector<std::string>* list : lists) {
    for (const std::string& id : *list) {
      if (numbers_.contains(id)) WriteNodeOf(id);
    }
  }
  json_.EndList();
}

void PageWriter::WriteSource(const SourceTable& source) {
  const engine::TableInfo* table = TableOf(source.relation);
  json_.BeginObject();
  json_.Key("id").Text(source.unique_id);
  json_.Key("name").Text(source.source + "." + source.table);
  json_.Key("type").Text("source");
  json_.Key("package").Text(source.package);
  json_.Key("path").Text(source.original_file);
  json_.Key("schema").Text(source.relation.schema);
  json_.Key("relation").Text(source.relation.Text());
  json_.Key("materialized").Text("");
  json_.Key("description").Text(source.description.empty() ? source.source_description : source.description);
  json_.Key("tags").Texts(source.tags);
  WriteColumns(source.unique_id, source.columns, table);
  WriteTracing(source.unique_id);
  WriteTable(table);
  WriteTests(source.unique_id);
  json_.Key("needs").BeginList();
  json_.EndList();
  json_.Key("details").BeginObject();
  if (!source.loader.empty()) json_.Key("loader").Text(source.loader);
  json_.EndObject();
  json_.EndObject();
}

void PageWriter::WriteNode(const Node& node) {
  const bool has_relation = IsRefable(node.type) && node.config.materialized != "ephemeral";
  const engine::TableInfo* table = has_relation ? TableOf(node.relation) : nullptr;
  const auto compiled = content_.compiled.find(node.unique_id);
  json_.BeginObject();
  json_.Key("id").Text(node.unique_id);
  json_.Key("name").Text(node.version.empty() ? node.name : node.name + ".v" + node.version);
  json_.Key("type").Text(ResourceTypeText(node.type));
  json_.Key("package").Text(node.package);
  json_.Key("path").Text(node.original_file);
  json_.Key("schema").Text(has_relation ? node.relation.schema : "");
  json_.Key("relation").Text(has_relation ? node.relation.Text() : "");
  json_.Key("materialized").Text(IsRefable(node.type) ? node.config.materialized : "");
  json_.Key("description").Text(node.description);
  json_.Key("tags").Texts(node.tags);
  WriteColumns(node.unique_id, node.columns, table);
  WriteTracing(node.unique_id);
  json_.Key("raw").Text(node.type == ResourceType::kSeed ? "" : node.raw_sql);
  json_.Key("compiled").Text(compiled == content_.compiled.end() ? "" : compiled->second);
  WriteTable(table);
  WriteTests(node.unique_id);
  WriteNeeds({&node.depends_on, &node.sources});
  json_.Key("details").BeginObject();
  for (const char* key : {"access", "group", "incremental_strategy"}) {
    if (const std::string text = TextAt(node.config.all, key); !text.empty()) json_.Key(key).Text(text);
  }
  json_.EndObject();
  json_.EndObject();
}

void PageWriter::WriteDescribed(const Described& described) {
  json_.BeginObject();
  json_.Key("id").Text(described.unique_id);
  const std::string label = TextAt(described.body, "label");
  json_.Key("name").Text(label.empty() ? described.name : label);
  json_.Key("type").Text(described.type);
  json_.Key("package").Text(described.package);
  json_.Key("path").Text(described.original_file);
  for (const char* key : {"schema", "relation", "materialized", "problem"}) json_.Key(key).Text("");
  json_.Key("description").Text(TextAt(described.body, "description"));
  json_.Key("tags").Texts(described.tags);
  for (const char* key : {"columns", "decides", "tests"}) json_.Key(key).Raw("[]");
  WriteNeeds({&described.depends_on});
  json_.Key("details").BeginObject();
  for (const char* key : {"type", "url", "maturity"}) {
    if (const std::string text = TextAt(described.body, key); !text.empty()) json_.Key(key).Text(text);
  }
  json_.EndObject();
  json_.EndObject();
}

}  // namespace

std::string PageData(const PageContent& content) {
  const std::string json = PageWriter(content).Write();
  // Nothing in a text may end the script element or open a comment in it: JSON has another way to write '<'.
  std::string safe;
  safe.reserve(json.size() + json.size() / 64);
  for (const char c : json) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace smelt::transform
