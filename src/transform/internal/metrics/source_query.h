#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "transform/internal/metrics/joined_rows.h"
#include "transform/internal/metrics/metric_tree.h"
#include "transform/internal/metrics/reference.h"
#include "transform/internal/metrics/semantic_graph.h"

namespace smelt::transform {

/// What a query groups by, with its grain settled.
struct GroupItem {
  Reference reference;
  std::string column;  ///< quoted, as in the answer
};

/// A range of metric_time as SQL expressions; the end is not within. Empty: open.
struct TimeRange {
  std::string begin, end;
  /// A condition on a time; empty: none.
  std::string Condition(const std::string& time) const;
};

/// What sources have in common.
struct SourceContext {
  const SemanticGraph& graph;
  const std::vector<GroupItem>& items;
  TimeRange range;
  std::string shift;  ///< an interval: how much later the times are that conditions on metric_time mean; empty: none
  CompileMetric compile_metric;
};

/// Leaves whose rows are read at once: of one model, with the same time and conditions.
struct LeafGroup {
  std::vector<const MetricLeaf*> leaves;  ///< at least one
};

/// Those leaves that can be read together, in their order.
std::vector<LeafGroup> GroupLeaves(const SemanticGraph& graph, const std::vector<MetricLeaf>& leaves);

/// A query with the columns of the items and those of the leaves, one row per group.
/// Errors: kMetricUnknown, kMetricImpossible.
Result<std::string> SourceQuery(const SourceContext& context, const LeafGroup& group);

/// The same of a cumulative metric: at each time everything since the window's beginning.
Result<std::string> CumulativeQuery(const SourceContext& context, const MetricLeaf& leaf);

/// The same of a conversion: two columns, see PlanMetrics.
Result<std::string> ConversionQuery(const SourceContext& context, const MetricLeaf& leaf);

/// `kind` of aggregation over an expression, as SQL. Errors: kMetricImpossible for what smelt does not know.
Result<std::string> Aggregate(const MeasureDefinition& measure, const std::string& expression);

/// The conditions of a leaf, taken apart by what they are about.
struct LeafConditions {
  std::vector<ConditionText> on_rows;
  std::vector<ConditionText> on_time;  ///< of metric_time and nothing else
};
Result<LeafConditions> ReadConditions(const std::vector<std::string>& filters, JoinedRows& rows);

/// "WHERE a AND b", or nothing.
std::string Where(const std::vector<std::string>& conditions);

/// An expression for a time that a spine has, at the reference's grain or part.
std::string AtGrain(const Reference& reference, const std::string& time);

/// A time moved by the shift of a context.
std::string Shifted(const std::string& time, const std::string& shift);

/// Conditions on metric_time alone, said of another time.
std::vector<std::string> TimeConditions(const std::vector<ConditionText>& conditions, const std::string& time);

/// Which items are the time that the measures are counted by.
Result<std::vector<bool>> OwnTimes(const SourceContext& context, JoinedRows& rows);

}  // namespace smelt::transform
