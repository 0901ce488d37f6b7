#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "transform/internal/metrics/grain.h"

namespace smelt::transform {

inline constexpr std::string_view kMetricTime = "metric_time";

/// What a query names: a dimension, a time at a grain, an entity, or a metric per entity.
struct Reference {
  std::vector<std::string> path;  ///< the entities that lead to it: "order", "customer" of "order__customer__state"
  std::string name;               ///< "state"; "metric_time"
  std::optional<Grain> grain;
  std::string date_part;              ///< "month" of "extract_month"
  bool is_metric = false;             ///< {{ Metric('revenue', group_by=['customer']) }}
  std::vector<std::string> group_by;  ///< of a metric

  bool is_metric_time() const { return path.empty() && name == kMetricTime; }
  /// How answers name it, without grain and part: "order__customer__state".
  std::string Name() const;
  /// The same with the grain or part that it has.
  std::string Column() const;
};

/// "order__status", "metric_time__month", "metric_time__extract_month", or a call as in ParseCall.
/// Errors: kMetricImpossible.
Result<Reference> ParseReference(std::string_view text);

/// A condition as SQL with references in between: text, reference, text, …, text.
struct ConditionText {
  std::vector<std::string> texts;  ///< one more than references
  std::vector<Reference> references;
  std::string written;  ///< for people
};

/// "{{ Dimension('order__status') }} = 'sent'". Braces hold one call: Dimension, TimeDimension, Entity or Metric, and
/// may go on with .grain('month') or .date_part('year').
/// Errors: kMetricImpossible, also for text that could reach beyond the condition: unclosed quotes or brackets, ';'.
Result<ConditionText> ParseCondition(std::string_view text);

}  // namespace smelt::transform
