#include "app/internal/lineage_datasets.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "app/internal/json_field.h"
#include "base/clock.h"

namespace smelt::app {
namespace {

using observe::Facet;
using observe::LineageDataset;

/// So many files of a load are listed.
constexpr std::size_t kFilesMax = 100;

LineageDataset DatasetOf(const std::string& lake, const std::string& schema, const std::string& table) {
  if (lake.find("://") != std::string::npos)
    return observe::DatasetOfPath(fmt::format("{}/{}/{}", lake, schema, table));
  std::error_code ignored;
  const auto folder = std::filesystem::absolute(lake, ignored).lexically_normal();
  return observe::DatasetOfPath((folder / schema / table).string());
}

/// The column's description in a manifest's entry; empty when it has none.
std::string Described(const Json* node, const std::string& column) {
  if (node == nullptr) return {};
  const Json columns = node->value("columns", Json::object());
  const auto found = columns.find(column);
  return found == columns.end() ? std::string() : TextOf(*found, "description");
}

Json Schema(const engine::TableInfo& info, const Json* node) {
  Json fields = Json::array();
  int position = 0;
  for (const auto& [name, type] : info.columns) {
    Json field = {{"name", name}, {"type", type}, {"ordinal_position", ++position}};
    const std::string description = Described(node, name);
    if (!description.empty()) field["description"] = description;
    fields.push_back(std::move(field));
  }
  return {{"fields", std::move(fields)}};
}

std::string_view Subtype(engine::Derivation how) {
  switch (how) {
    case engine::Derivation::kCopy: return "IDENTITY";
    case engine::Derivation::kComputed: return "TRANSFORMATION";
    case engine::Derivation::kAggregated: return "AGGREGATION";
  }
  return "TRANSFORMATION";
}

Json With(Json field, std::string_view type, std::string_view subtype) {
  field["transformations"] =
      Json::array({{{"type", type}, {"subtype", subtype}, {"description", ""}, {"masking", false}}});
  return field;
}

}  // namespace

std::pair<std::string, std::string> SchemaAndTable(const std::string& table) {
  const auto dot = table.find('.');
  if (dot == std::string::npos) return {"main", table};
  return {table.substr(0, dot), table.substr(dot + 1)};
}

LineageDataset LineageDatasets::Table(const std::string& table) const {
  const auto [schema, name] = SchemaAndTable(table);
  LineageDataset dataset = DatasetOf(engine_.options().lake, schema, name);
  const Json* node = graph_ == nullptr ? nullptr : graph_->NodeOf(table);
  dataset.facets["dataSource"] = Facet(
      "dataSource",
      {{"name", table},
       {"uri", dataset.name_space == "file" ? "file://" + dataset.name : dataset.name_space + "/" + dataset.name}});
  const std::string description = node == nullptr ? std::string() : TextOf(*node, "description");
  if (!description.empty()) dataset.facets["documentation"] = Facet("documentation", {{"description", description}});
  const auto info = engine_.FindTable(schema, name);
  if (!info || !*info) return dataset;
  dataset.facets["schema"] = Facet("schema", Schema(**info, node));
  if ((*info)->is_view) return dataset;
  dataset.facets["version"] = Facet("version", {{"datasetVersion", fmt::format("{}", (*info)->version)}});
  dataset.facets["storage"] = Facet("storage", {{"storageLayer", "delta"}, {"fileFormat", "parquet"}});
  return dataset;
}

std::optional<Json> LineageDatasets::InputField(const transform::ColumnRef& column) const {
  const auto table = graph_->TableOf(column.node);
  if (!table || column.column.empty()) return std::nullopt;
  const auto [schema, name] = SchemaAndTable(*table);
  const LineageDataset dataset = DatasetOf(engine_.options().lake, schema, name);
  return Json{{"namespace", dataset.name_space}, {"name", dataset.name}, {"field", column.column}};
}

Json LineageDatasets::ColumnLineage(const std::string& unique_id) const {
  const transform::NodeLineage* lineage = graph_ == nullptr ? nullptr : graph_->LineageOf(unique_id);
  if (lineage == nullptr || lineage->columns.empty()) return {};
  Json fields = Json::object();
  for (const transform::LineageColumn& column : lineage->columns) {
    Json inputs = Json::array();
    for (const transform::ColumnInput& input : column.inputs) {
      if (auto field = InputField(input.from)) inputs.push_back(With(std::move(*field), "DIRECT", Subtype(input.how)));
    }
    for (const transform::ColumnRef& influence : column.influences) {
      if (auto field = InputField(influence)) inputs.push_back(With(std::move(*field), "INDIRECT", "CONDITIONAL"));
    }
    if (!inputs.empty()) fields[column.name] = {{"inputFields", std::move(inputs)}};
  }
  Json dataset = Json::array();
  for (const transform::ColumnRef& influence : lineage->influences) {
    if (auto field = InputField(influence)) dataset.push_back(With(std::move(*field), "INDIRECT", "FILTER"));
  }
  Json facet = {{"fields", std::move(fields)}};
  if (!dataset.empty()) facet["dataset"] = std::move(dataset);
  return facet;
}

LineageDataset LineageDatasets::Output(const std::string& table, std::int64_t rows) const {
  LineageDataset dataset = Table(table);
  Json statistics = Json::object();
  if (rows >= 0) statistics["rowCount"] = rows;
  const auto [schema, name] = SchemaAndTable(table);
  if (const auto info = engine_.FindTable(schema, name); info && *info && !(*info)->is_view) {
    statistics["size"] = (*info)->bytes;
    statistics["fileCount"] = (*info)->files;
  }
  if (!statistics.empty())
    dataset.direction_facets["outputStatistics"] = Facet("outputStatistics", std::move(statistics));
  const Json* node = graph_ == nullptr ? nullptr : graph_->NodeOf(table);
  if (node == nullptr) return dataset;
  Json lineage = ColumnLineage(TextOf(*node, "unique_id"));
  if (!lineage.is_null()) dataset.facets["columnLineage"] = Facet("columnLineage", std::move(lineage));
  return dataset;
}

LineageDataset LineageDatasets::Checked(const std::string& table, const Json& assertions) const {
  LineageDataset dataset = Table(table);
  dataset.direction_facets["dataQualityAssertions"] = Facet("dataQualityAssertions", {{"assertions", assertions}});
  const auto [schema, name] = SchemaAndTable(table);
  const auto info = engine_.FindTable(schema, name);
  if (!info || !*info || (*info)->is_view) return dataset;
  Json columns = Json::object();
  for (const auto& [column, type] : (*info)->columns) {
    const auto nulls = engine_.NullCount(schema, name, column);
    if (nulls && *nulls) columns[column] = {{"nullCount", **nulls}};
  }
  Json metrics = {{"bytes", (*info)->bytes}, {"fileCount", (*info)->files}, {"columnMetrics", std::move(columns)}};
  if ((*info)->rows >= 0) metrics["rowCount"] = (*info)->rows;
  if ((*info)->timestamp_ms > 0) metrics["lastUpdated"] = FormatUtcMicros((*info)->timestamp_ms * 1'000);
  dataset.direction_facets["dataQualityMetrics"] = Facet("dataQualityMetrics", std::move(metrics));
  return dataset;
}

std::vector<LineageDataset> LineageDatasets::LoadedFiles(const std::string& table, const std::string& run_id,
                                                         const std::string& folder) const {
  std::vector<LineageDataset> files;
  const auto [schema, name] = SchemaAndTable(table);
  const auto info = engine_.FindTable(schema, name);
  if (!info || !*info || !(*info)->last_info.is_object() || TextOf((*info)->last_info, "run") != run_id) return files;
  for (const Json& file : (*info)->last_info.value("files", Json::array())) {
    if (files.size() == kFilesMax) break;
    LineageDataset dataset = observe::DatasetOfPath((std::filesystem::path(folder) / TextOf(file, "name")).string());
    if (file.contains("bytes")) {
      dataset.direction_facets["inputStatistics"] =
          Facet("inputStatistics", {{"size", file["bytes"]}, {"fileCount", 1}});
    }
    files.push_back(std::move(dataset));
  }
  return files;
}

}  // namespace smelt::app
