#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/session.h"
#include "transform/internal/metrics/compile_query.h"
#include "transform/internal/metrics/joined_rows.h"
#include "transform/internal/metrics/metric_tree.h"
#include "transform/internal/metrics/semantic_graph.h"
#include "transform/internal/project/project.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/semantic/semantic_manifest.h"
#include "transform/metrics.h"

namespace smelt::transform {
namespace {

/// What one metric can be grouped by: what all that it is made of can be.
Result<std::map<std::string, MetricDimension>> DimensionsOf(const SemanticGraph& graph, const std::string& metric) {
  SMELT_ASSIGN(const MetricPlan plan, PlanMetrics(graph, {metric}, {}, false));
  std::map<std::string, MetricDimension> all;
  bool is_first = true;
  for (const MetricLeaf& leaf : plan.leaves) {
    const auto place = graph.FindMeasure(leaf.metric->measure.measure);
    std::map<std::string, MetricDimension> own;
    for (MetricDimension& one : ReachableElements(graph, *place.model)) {
      std::string name = one.name;
      own.emplace(std::move(name), std::move(one));
    }
    const DimensionDefinition* time = place.model->Dimension(place.measure->time_dimension);
    own[std::string(kMetricTime)] = {.name = std::string(kMetricTime),
                                     .kind = "time",
                                     .label = "Time",
                                     .description = time->description,
                                     .grain = std::string(GrainText(time->grain))};
    if (is_first) all = own;
    std::erase_if(all, [&](const auto& one) { return !own.contains(one.first); });
    is_first = false;
  }
  return all;
}

}  // namespace

SemanticLayer::SemanticLayer(std::unique_ptr<const SemanticGraph> graph) : graph_(std::move(graph)) {}
SemanticLayer::~SemanticLayer() = default;

Result<std::shared_ptr<const SemanticLayer>> SemanticLayer::Of(const Json& semantic_manifest) {
  SMELT_ASSIGN(SemanticGraph graph, ReadSemanticGraph(semantic_manifest));
  return std::make_shared<const SemanticLayer>(std::make_unique<const SemanticGraph>(std::move(graph)));
}

Result<std::shared_ptr<const SemanticLayer>> SemanticLayer::Load(const InvokeOptions& options) {
  SMELT_ASSIGN(const auto project, Project::Load(options));
  return Of(SemanticManifest(project->state()));
}

std::vector<MetricInfo> SemanticLayer::metrics() const {
  std::vector<MetricInfo> all;
  for (const auto& [name, metric] : graph_->metrics) all.push_back(metric.info);
  return all;
}

const std::vector<SavedMetricQuery>& SemanticLayer::saved_queries() const {
  return graph_->saved_queries;
}

Result<std::vector<MetricDimension>> SemanticLayer::Dimensions(const std::vector<std::string>& metrics) const {
  std::map<std::string, MetricDimension> common;
  bool is_first = true;
  std::vector<std::string> names = metrics;
  if (names.empty()) {
    for (const auto& [name, metric] : graph_->metrics) names.push_back(name);
  }
  for (const std::string& name : names) {
    SMELT_ASSIGN(auto own, DimensionsOf(*graph_, name));
    if (metrics.empty() || is_first) {
      common.merge(own);
    } else {
      std::erase_if(common, [&](const auto& one) { return !own.contains(one.first); });
    }
    is_first = false;
  }
  std::vector<MetricDimension> all;
  for (auto& [name, one] : common) all.push_back(std::move(one));
  return all;
}

Result<MetricStatement> SemanticLayer::CompileValues(const std::string& metric, const std::string& dimension,
                                                     std::int64_t limit) const {
  SMELT_ASSIGN(const MetricPlan plan, PlanMetrics(*graph_, {metric}, {}, false));
  SMELT_ASSIGN(const Reference reference, ParseReference(dimension));
  const auto place = graph_->FindMeasure(plan.leaves.at(0).metric->measure.measure);
  JoinedRows rows(*graph_, *place.model, place.measure->time_dimension, {});
  SMELT_ASSIGN(const FoundElement found, rows.FindAtGrain(reference));
  return MetricStatement{.sql = fmt::format("SELECT DISTINCT {} AS {}\nFROM {}\nORDER BY 1\nLIMIT {}", found.sql,
                                            engine::QuoteIdentifier(reference.Column()), rows.From(), limit),
                         .columns = {{.name = reference.Column(), .kind = found.kind, .label = found.label}}};
}

Result<MetricStatement> SemanticLayer::Compile(const MetricQuery& query) const {
  return CompileMetricQuery(*graph_, query);
}

}  // namespace smelt::transform
