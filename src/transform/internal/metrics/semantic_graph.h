#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "transform/internal/metrics/grain.h"
#include "transform/metrics.h"

namespace smelt::transform {

struct EntityDefinition {
  std::string name;
  std::string type;  ///< "primary", "unique", "foreign", "natural"
  std::string expr;  ///< SQL over the model's columns
  std::string label, description;
  /// Whether its value is found once in the model, at a time.
  bool is_key() const { return type != "foreign"; }
};

struct DimensionDefinition {
  std::string name;
  std::string expr;
  bool is_time = false;
  Grain grain = Grain::kDay;  ///< of a time: the finest one
  bool begins_validity = false, ends_validity = false;
  std::string label, description;
};

/// A measure counts only at the first or last time of each group.
struct NonAdditive {
  std::string dimension;
  bool takes_last = false;
  std::vector<std::string> groupings;  ///< entities
};

struct MeasureDefinition {
  std::string name, agg, expr, time_dimension;
  double percentile = 0.5;
  bool is_discrete = false, is_approximate = false;
  std::optional<NonAdditive> non_additive;
};

struct ModelDefinition {
  std::string name;
  std::string relation;  ///< as SQL
  std::string primary_entity;
  std::vector<EntityDefinition> entities;
  std::vector<DimensionDefinition> dimensions;
  std::vector<MeasureDefinition> measures;

  const EntityDefinition* Entity(std::string_view name) const;
  const DimensionDefinition* Dimension(std::string_view name) const;
  /// Whether elements of the model can be named by this entity: "order" of "order__status".
  bool IsNamedBy(std::string_view entity) const;
  /// The dimensions that say when a row holds; null without both.
  std::pair<const DimensionDefinition*, const DimensionDefinition*> Validity() const;
};

struct MeasureInput {
  std::string measure;
  std::vector<std::string> filters;
  bool join_to_spine = false;
  std::optional<std::string> fill;  ///< a number
};

struct MetricInput {
  std::string metric, alias;
  std::vector<std::string> filters;
  std::optional<GrainWindow> offset_window;
  std::optional<Grain> offset_to_grain;
};

struct MetricDefinition {
  MetricInfo info;
  std::vector<std::string> filters;
  std::optional<Grain> grain;         ///< what metric_time is without a grain
  MeasureInput measure;               ///< of simple and cumulative ones; the base of a conversion
  std::vector<MetricInput> inputs;    ///< of derived ones; numerator and denominator of a ratio
  std::string expr;                   ///< of derived ones
  std::optional<GrainWindow> window;  ///< of cumulative ones and conversions
  std::optional<Grain> grain_to_date;
  std::string period_agg = "first";
  // Conversions.
  MeasureInput conversion;
  std::string entity;
  bool is_rate = true;
  std::vector<std::pair<std::string, std::string>> constant_properties;  ///< base's and conversion's
};

/// A table with a row per day or the like.
struct SpineDefinition {
  std::string relation, column;
  Grain grain = Grain::kDay;
};

/// A project's semantic models and metrics, typed. Immutable.
struct SemanticGraph {
  std::vector<ModelDefinition> models;
  std::map<std::string, MetricDefinition, std::less<>> metrics;
  std::vector<SpineDefinition> spines;  ///< the coarsest first
  std::vector<SavedMetricQuery> saved_queries;

  struct MeasurePlace {
    const ModelDefinition* model = nullptr;
    const MeasureDefinition* measure = nullptr;
  };
  /// Linked projects have every measure that their metrics name.
  MeasurePlace FindMeasure(std::string_view name) const;
  /// Errors: kMetricUnknown, with the nearest name.
  Result<const MetricDefinition*> FindMetric(std::string_view name) const;
  /// The coarsest spine that has every period of the grain, or null.
  const SpineDefinition* SpineFor(Grain grain) const;
};

/// Reads what semantic_manifest.json holds. Errors: kDbtConfigInvalid.
Result<SemanticGraph> ReadSemanticGraph(const Json& manifest);

/// That there is no such thing, and what was perhaps meant.
Error UnknownName(std::string_view kind, std::string_view name, const std::vector<std::string>& known);

}  // namespace smelt::transform
