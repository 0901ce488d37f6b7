#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "transform/internal/metrics/reference.h"
#include "transform/internal/metrics/semantic_graph.h"

namespace smelt::transform {

/// What a reference has become.
struct FoundElement {
  std::string sql;             ///< an expression over the joined rows
  std::string kind;            ///< "dimension", "time", "entity", "metric"
  Grain finest = Grain::kDay;  ///< of a time
  bool is_own_time = false;    ///< the time that the measure is counted by, before any join
  std::string label;

  bool is_time() const { return kind == "time"; }
};

/// The SQL of a metric by entities, for conditions on metrics: one row per value of them.
using CompileMetric =
    std::function<Result<std::string>(const std::string& metric, const std::vector<std::string>& group_by)>;

/// The rows of a semantic model with what references join to them. A join finds at most one row, so that none of the
/// model's own is counted twice. Every column has a name that no other one has. Confined to a thread.
class JoinedRows {
 public:
  /// `time`: the dimension that metric_time means; empty: none.
  JoinedRows(const SemanticGraph& graph, const ModelDefinition& model, std::string time, CompileMetric compile_metric);
  ~JoinedRows();

  /// What a reference means for these rows, as it is: without grain and part.
  /// Errors: kMetricUnknown for what is nowhere; kMetricImpossible for what cannot be joined.
  Result<FoundElement> Find(const Reference& reference);
  /// The same at the reference's grain, else the finest, or its part.
  /// Errors: as Find; kMetricImpossible for a grain finer than the data's or of what is no time.
  Result<FoundElement> FindAtGrain(const Reference& reference);
  /// A condition with its references in place. Errors: as FindAtGrain.
  Result<std::string> Condition(const ConditionText& condition);
  /// An expression over the model's own columns.
  std::string Own(const std::string& expr);

  /// What stands after FROM: the model and its joins, as far as they have been asked for.
  std::string From() const;

  const ModelDefinition& model() const { return model_; }

 private:
  struct Node;
  Result<FoundElement> FindMetric(const Reference& reference);
  Result<FoundElement> Element(Node& node, const std::string& name, const Reference& reference);
  Result<Node*> Join(Node& node, const std::string& entity, const std::string& next, bool is_last,
                     const Reference& reference);
  static std::string Column(Node& node, const std::string& expr);
  Error Unreachable(const Reference& reference) const;

  const SemanticGraph& graph_;
  const ModelDefinition& model_;
  std::string time_;
  CompileMetric compile_metric_;
  std::vector<std::unique_ptr<Node>> nodes_;  ///< each after what it is joined to; the model itself first
};

/// Everything that rows of a model can be grouped by: names as queries have them.
std::vector<MetricDimension> ReachableElements(const SemanticGraph& graph, const ModelDefinition& model);

}  // namespace smelt::transform
