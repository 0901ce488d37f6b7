#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// A condition without SQL: a dimension, an operator and what it is compared with.
struct MetricFilter {
  std::string dimension;  ///< "order__status", "metric_time__month"
  /// "=", "!=", "<", "<=", ">", ">=", "in", "not in", "like", "contains" (in any case), "is null", "is not null"
  std::string op;
  Json value;  ///< a text, number or boolean; a list of them for "in" and "not in"; nothing for "is null"
};

/// What the values of a metric are compared with.
enum class MetricComparison {
  kNone,
  kPreviousPeriod,  ///< the period of the grain before; without one, the range of dates of the same length before
  kYearBefore,
};

/// A question to the semantic layer.
struct MetricQuery {
  std::vector<std::string> metrics{};
  /// "order__status", "metric_time__month", "customer__region", "customer"; or as dbt's YAML has it,
  /// "TimeDimension('metric_time', 'month')".
  std::vector<std::string> group_by{};
  std::vector<std::string> where{};  ///< conditions in SQL with "{{ Dimension('order__status') }}"; all must hold
  std::vector<MetricFilter> filters{};
  std::vector<std::string> order_by{};  ///< columns of the answer, "-revenue" descending; empty: as grouped
  std::optional<std::int64_t> limit{};
  std::string start{}, end{};  ///< of metric_time, both included: "2018-01-31"; widened to whole periods of its grain
  MetricComparison compare = MetricComparison::kNone;
  bool short_time_name = false;  ///< a single metric_time is called so in the answer, without its grain
  bool fill_nulls = false;       ///< 0 where a period has nothing, also periods without any row
};

/// A column of an answer.
struct MetricColumn {
  std::string name;  ///< "metric_time__month", "revenue", "revenue__previous"
  std::string kind;  ///< "dimension", "time", "entity", "metric", "comparison"
  std::string label;
};

/// A metric query as SQL: one statement that reads. Values of conditions stand in it as literals.
struct MetricStatement {
  std::string sql;
  std::vector<MetricColumn> columns;
};

/// What metrics can be grouped and filtered by.
struct MetricDimension {
  std::string name;  ///< as queries name it: "order__status"
  std::string kind;  ///< "dimension", "time", "entity"
  std::string label, description;
  std::string grain;  ///< of a time: the finest one
};

struct MetricInfo {
  std::string name, label, description;
  std::string type;  ///< "simple", "ratio", "derived", "cumulative", "conversion"
  Json meta;
};

/// A query that the project keeps under a name.
struct SavedMetricQuery {
  std::string name, label, description;
  MetricQuery query;
};

struct SemanticGraph;

/// Semantic models and metrics of a project, and how to ask for them. Immutable, thread-safe.
class SemanticLayer {
 public:
  /// Loads the project. Errors: those of loading it; kDbtConfigInvalid for semantic models that cannot be used.
  static Result<std::shared_ptr<const SemanticLayer>> Load(const InvokeOptions& options);
  /// From what semantic_manifest.json holds.
  static Result<std::shared_ptr<const SemanticLayer>> Of(const Json& semantic_manifest);

  explicit SemanticLayer(std::unique_ptr<const SemanticGraph> graph);
  ~SemanticLayer();
  SemanticLayer(const SemanticLayer&) = delete;
  SemanticLayer& operator=(const SemanticLayer&) = delete;

  std::vector<MetricInfo> metrics() const;  ///< by name
  const std::vector<SavedMetricQuery>& saved_queries() const;

  /// What all of these metrics can be grouped by, by name; no metrics: what any can be.
  /// Errors: kMetricUnknown, with the nearest name.
  Result<std::vector<MetricDimension>> Dimensions(const std::vector<std::string>& metrics) const;

  /// The values of a dimension in the data, as a statement with one column of its name.
  /// Errors: as Compile.
  Result<MetricStatement> CompileValues(const std::string& metric, const std::string& dimension,
                                        std::int64_t limit) const;

  /// Errors: kMetricUnknown for a metric, dimension or entity that is not there, with the nearest name;
  /// kMetricImpossible for what cannot be asked for (no join, a join that multiplies rows, a grain finer than the
  /// data, a comparison without a period, a condition that is none), with the cure.
  Result<MetricStatement> Compile(const MetricQuery& query) const;

 private:
  std::unique_ptr<const SemanticGraph> graph_;
};

}  // namespace smelt::transform
