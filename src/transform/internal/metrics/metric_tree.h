#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "transform/internal/metrics/semantic_graph.h"

namespace smelt::transform {

/// A figure that rows are read for: a simple, cumulative or conversion metric with everything that decides about it.
struct MetricLeaf {
  const MetricDefinition* metric = nullptr;
  std::vector<std::string> filters;  ///< templates: its own, those of what uses it, those of the query
  std::optional<GrainWindow> offset_window;
  std::optional<Grain> offset_to_grain;
  bool joins_spine = false;
  std::optional<std::string> fill;
  std::string column;  ///< "m0"
  bool is_offset() const { return offset_window.has_value() || offset_to_grain.has_value(); }
};

/// A metric that is asked for.
struct MetricColumnPlan {
  const MetricDefinition* metric = nullptr;
  std::string expression;  ///< over the columns of leaves
};

struct MetricPlan {
  std::vector<MetricLeaf> leaves;  ///< without doubles
  std::vector<MetricColumnPlan> columns;
};

/// Takes metrics apart into what has to be read and what is calculated from it. `filters` are those of the query;
/// `fills`: everything is 0 where there is nothing, also where no row is.
/// Errors: kMetricUnknown; kMetricImpossible for an expression that names what is not among its metrics.
Result<MetricPlan> PlanMetrics(const SemanticGraph& graph, const std::vector<std::string>& metrics,
                               const std::vector<std::string>& filters, bool fills);

}  // namespace smelt::transform
