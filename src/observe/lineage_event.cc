#include "observe/lineage_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "base/error.h"
#include "base/version.h"

namespace smelt::observe {
namespace {

/// A facet of the standard: its key, and its schema's version and name.
struct FacetSchema {
  std::string_view key, version, name;
};

constexpr std::array kFacets = {
    FacetSchema{"columnLineage", "1-2-0", "ColumnLineageDatasetFacet"},
    FacetSchema{"dataQualityAssertions", "1-1-0", "DataQualityAssertionsDatasetFacet"},
    FacetSchema{"dataQualityMetrics", "1-0-3", "DataQualityMetricsInputDatasetFacet"},
    FacetSchema{"dataSource", "1-0-1", "DatasourceDatasetFacet"},
    FacetSchema{"documentation", "1-1-0", "DocumentationDatasetFacet"},
    FacetSchema{"errorMessage", "1-0-1", "ErrorMessageRunFacet"},
    FacetSchema{"inputStatistics", "1-0-0", "InputStatisticsInputDatasetFacet"},
    FacetSchema{"jobType", "2-0-4", "JobTypeJobFacet"},
    FacetSchema{"nominalTime", "1-0-1", "NominalTimeRunFacet"},
    FacetSchema{"outputStatistics", "1-0-2", "OutputStatisticsOutputDatasetFacet"},
    FacetSchema{"parent", "1-2-0", "ParentRunFacet"},
    FacetSchema{"processing_engine", "1-1-1", "ProcessingEngineRunFacet"},
    FacetSchema{"schema", "1-2-0", "SchemaDatasetFacet"},
    FacetSchema{"sourceCode", "1-0-1", "SourceCodeJobFacet"},
    FacetSchema{"sql", "1-1-0", "SQLJobFacet"},
    FacetSchema{"storage", "1-0-1", "StorageDatasetFacet"},
    FacetSchema{"version", "1-0-1", "DatasetVersionDatasetFacet"},
};

std::string Producer() {
  return fmt::format("urn:smelt:{}", kSmeltVersion);
}

std::string_view TypeText(LineageEventType type) {
  switch (type) {
    case LineageEventType::kStart: return "START";
    case LineageEventType::kComplete: return "COMPLETE";
    case LineageEventType::kFail: return "FAIL";
    case LineageEventType::kAbort: return "ABORT";
  }
  return "OTHER";
}

Json DatasetToJson(const LineageDataset& dataset, std::string_view direction) {
  Json json = {{"namespace", dataset.name_space}, {"name", dataset.name}};
  if (!dataset.facets.empty()) json["facets"] = dataset.facets;
  if (!dataset.direction_facets.empty()) json[std::string(direction)] = dataset.direction_facets;
  return json;
}

Json ParentToJson(const std::string& name_space, const LineageParent& parent) {
  return {{"run", {{"runId", parent.run_id}}}, {"job", {{"namespace", name_space}, {"name", parent.job}}}};
}

}  // namespace

Json Facet(std::string_view name, Json content) {
  const auto schema = std::ranges::find(kFacets, name, &FacetSchema::key);
  SMELT_ASSERT(schema != kFacets.end());
  Json facet = {{"_producer", Producer()},
                {"_schemaURL", fmt::format("https://openlineage.io/spec/facets/{0}/{1}.json#/$defs/{1}",
                                           schema->version, schema->name)}};
  facet.update(content);
  return facet;
}

Json ToJson(const LineageEvent& event) {
  Json run_facets = event.run_facets;
  if (!event.parent.run_id.empty()) {
    Json parent = ParentToJson(event.job_name_space, event.parent);
    parent["root"] = ParentToJson(event.job_name_space, event.root.run_id.empty() ? event.parent : event.root);
    run_facets["parent"] = Facet("parent", std::move(parent));
  }
  run_facets["processing_engine"] =
      Facet("processing_engine",
            {{"name", "smelt"}, {"version", kSmeltVersion}, {"openlineageAdapterVersion", kSmeltVersion}});
  Json json = {{"eventTime", FormatUtcMicros(event.time_us)},
               {"eventType", TypeText(event.type)},
               {"producer", Producer()},
               {"schemaURL", "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"},
               {"run", {{"runId", event.run_id}, {"facets", std::move(run_facets)}}},
               {"job", {{"namespace", event.job_name_space}, {"name", event.job}, {"facets", event.job_facets}}},
               {"inputs", Json::array()},
               {"outputs", Json::array()}};
  for (const LineageDataset& input : event.inputs) json["inputs"].push_back(DatasetToJson(input, "inputFacets"));
  for (const LineageDataset& output : event.outputs) json["outputs"].push_back(DatasetToJson(output, "outputFacets"));
  return json;
}

LineageDataset DatasetOfPath(const std::string& path) {
  const auto scheme = path.find("://");
  if (scheme == std::string::npos) return {.name_space = "file", .name = path};
  const auto slash = path.find('/', scheme + 3);
  if (slash == std::string::npos) return {.name_space = path, .name = "/"};
  return {.name_space = path.substr(0, slash), .name = path.substr(slash + 1)};
}

}  // namespace smelt::observe
