#include "transform/internal/metrics/semantic_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config.h"
#include "transform/internal/project/manifest.h"

namespace smelt::transform {
namespace {

std::string Text(const Json& object, std::string_view key, std::string_view unset = "") {
  const Json& value = ValueAt(object, key);
  if (value.is_null()) return std::string(unset);
  return value.is_string() ? value.get<std::string>() : JsonText(value);
}

bool Flag(const Json& object, std::string_view key) {
  return ValueAt(object, key) == Json(true);
}

std::vector<std::string> Texts(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& item : list) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

std::vector<std::string> Filters(const Json& filter) {
  std::vector<std::string> texts;
  for (const Json& one : ValueAt(filter, "where_filters")) texts.push_back(Text(one, "where_sql_template"));
  return texts;
}

Result<Grain> GrainOf(std::string_view text, std::string_view where) {
  if (const auto grain = ParseGrain(text)) return *grain;
  return Fail(Error(ErrorCode::kDbtConfigInvalid, fmt::format("{}: '{}' is no grain", where, text))
                  .Hint("write second, minute, hour, day, week, month, quarter or year"));
}

Result<std::optional<GrainWindow>> WindowOf(const Json& window, std::string_view where) {
  if (!window.is_object()) return std::optional<GrainWindow>();
  SMELT_ASSIGN(const Grain grain, GrainOf(Text(window, "granularity"), where));
  return std::optional(GrainWindow{.count = window.value("count", 0), .grain = grain});
}

Result<std::optional<Grain>> OptionalGrain(const Json& object, std::string_view key, std::string_view where) {
  const std::string text = Text(object, key);
  if (text.empty()) return std::optional<Grain>();
  SMELT_ASSIGN(const Grain grain, GrainOf(text, where));
  return std::optional(grain);
}

Result<DimensionDefinition> ReadDimension(const Json& body) {
  DimensionDefinition dimension;
  dimension.name = Text(body, "name");
  dimension.expr = Text(body, "expr", dimension.name);
  dimension.is_time = Text(body, "type") == "time";
  dimension.label = Text(body, "label");
  dimension.description = Text(body, "description");
  const Json& params = ValueAt(body, "type_params");
  if (dimension.is_time) {
    SMELT_ASSIGN(dimension.grain, GrainOf(Text(params, "time_granularity", "day"), dimension.name));
  }
  dimension.begins_validity = Flag(ValueAt(params, "validity_params"), "is_start");
  dimension.ends_validity = Flag(ValueAt(params, "validity_params"), "is_end");
  return dimension;
}

MeasureDefinition ReadMeasure(const Json& body, const std::string& default_time) {
  MeasureDefinition measure;
  measure.name = Text(body, "name");
  measure.agg = Text(body, "agg");
  measure.expr = Text(body, "expr", measure.name);
  measure.time_dimension = Text(body, "agg_time_dimension", default_time);
  const Json& params = ValueAt(body, "agg_params");
  if (ValueAt(params, "percentile").is_number()) measure.percentile = ValueAt(params, "percentile").get<double>();
  measure.is_discrete = Flag(params, "use_discrete_percentile");
  measure.is_approximate = Flag(params, "use_approximate_percentile");
  const Json& rule = ValueAt(body, "non_additive_dimension");
  if (rule.is_object()) {
    measure.non_additive = NonAdditive{.dimension = Text(rule, "name"),
                                       .takes_last = Text(rule, "window_choice", "min") == "max",
                                       .groupings = Texts(ValueAt(rule, "window_groupings"))};
  }
  return measure;
}

Result<ModelDefinition> ReadModel(const Json& body) {
  ModelDefinition model;
  model.name = Text(body, "name");
  const Json& relation = ValueAt(body, "node_relation");
  model.relation = RelationName{.schema = Text(relation, "schema_name"), .identifier = Text(relation, "alias")}.Sql();
  model.primary_entity = Text(body, "primary_entity");
  for (const Json& entity : ValueAt(body, "entities")) {
    model.entities.push_back({.name = Text(entity, "name"),
                              .type = Text(entity, "type"),
                              .expr = Text(entity, "expr", Text(entity, "name")),
                              .label = Text(entity, "label"),
                              .description = Text(entity, "description")});
  }
  for (const Json& dimension : ValueAt(body, "dimensions")) {
    SMELT_ASSIGN(DimensionDefinition read, ReadDimension(dimension));
    model.dimensions.push_back(std::move(read));
  }
  const std::string default_time = Text(ValueAt(body, "defaults"), "agg_time_dimension");
  for (const Json& measure : ValueAt(body, "measures")) {
    model.measures.push_back(ReadMeasure(measure, default_time));
    const std::string& time = model.measures.back().time_dimension;
    if (model.Dimension(time) == nullptr || !model.Dimension(time)->is_time) {
      return Fail(Error(ErrorCode::kDbtConfigInvalid,
                        fmt::format("the semantic model '{}': the measure '{}' has no time dimension", model.name,
                                    model.measures.back().name))
                      .Hint("name one of the model's time dimensions as defaults: {agg_time_dimension: …}"));
    }
  }
  return model;
}

MeasureInput ReadMeasureInput(const Json& body) {
  MeasureInput input{.measure = Text(body, "name"),
                     .filters = Filters(ValueAt(body, "filter")),
                     .join_to_spine = Flag(body, "join_to_timespine"),
                     .fill = {}};
  if (const Json& fill = ValueAt(body, "fill_nulls_with"); fill.is_number()) input.fill = JsonText(fill);
  return input;
}

Result<MetricInput> ReadMetricInput(const Json& body) {
  MetricInput input{.metric = Text(body, "name"),
                    .alias = Text(body, "alias"),
                    .filters = Filters(ValueAt(body, "filter")),
                    .offset_window = {},
                    .offset_to_grain = {}};
  if (input.alias.empty()) input.alias = input.metric;
  SMELT_ASSIGN(input.offset_window, WindowOf(ValueAt(body, "offset_window"), input.metric));
  SMELT_ASSIGN(input.offset_to_grain, OptionalGrain(body, "offset_to_grain", input.metric));
  return input;
}

Status ReadConversion(const Json& params, MetricDefinition& metric) {
  metric.measure = ReadMeasureInput(ValueAt(params, "base_measure"));
  metric.conversion = ReadMeasureInput(ValueAt(params, "conversion_measure"));
  metric.entity = Text(params, "entity");
  metric.is_rate = Text(params, "calculation", "conversion_rate") != "conversions";
  SMELT_ASSIGN(metric.window, WindowOf(ValueAt(params, "window"), metric.info.name));
  for (const Json& pair : ValueAt(params, "constant_properties")) {
    metric.constant_properties.emplace_back(Text(pair, "base_property"), Text(pair, "conversion_property"));
  }
  return {};
}

Result<MetricDefinition> ReadMetric(const Json& body) {
  MetricDefinition metric;
  const std::string name = Text(body, "name");
  metric.info = {.name = name,
                 .label = Text(body, "label", name),
                 .description = Text(body, "description"),
                 .type = Text(body, "type"),
                 .meta = ValueAt(ValueAt(body, "config"), "meta")};
  metric.filters = Filters(ValueAt(body, "filter"));
  SMELT_ASSIGN(metric.grain, OptionalGrain(body, "time_granularity", name));
  const Json& params = ValueAt(body, "type_params");
  metric.expr = Text(params, "expr");
  metric.measure = ReadMeasureInput(ValueAt(params, "measure"));
  if (metric.info.type == "ratio") {
    for (const char* part : {"numerator", "denominator"}) {
      SMELT_ASSIGN(MetricInput input, ReadMetricInput(ValueAt(params, part)));
      metric.inputs.push_back(std::move(input));
    }
  }
  if (metric.info.type == "derived") {
    for (const Json& part : ValueAt(params, "metrics")) {
      SMELT_ASSIGN(MetricInput input, ReadMetricInput(part));
      metric.inputs.push_back(std::move(input));
    }
  }
  if (metric.info.type == "cumulative") {
    const Json& cumulative = ValueAt(params, "cumulative_type_params");
    SMELT_ASSIGN(metric.window, WindowOf(ValueAt(cumulative, "window"), name));
    SMELT_ASSIGN(metric.grain_to_date, OptionalGrain(cumulative, "grain_to_date", name));
    metric.period_agg = Text(cumulative, "period_agg", "first");
  }
  if (metric.info.type == "conversion") SMELT_TRY(ReadConversion(ValueAt(params, "conversion_type_params"), metric));
  return metric;
}

Result<SavedMetricQuery> ReadSavedQuery(const Json& body) {
  const Json& params = ValueAt(body, "query_params");
  SavedMetricQuery saved{.name = Text(body, "name"),
                         .label = Text(body, "label", Text(body, "name")),
                         .description = Text(body, "description"),
                         .query = {}};
  saved.query.metrics = Texts(ValueAt(params, "metrics"));
  saved.query.group_by = Texts(ValueAt(params, "group_by"));
  saved.query.where = Filters(ValueAt(params, "where"));
  saved.query.order_by = Texts(ValueAt(params, "order_by"));
  if (ValueAt(params, "limit").is_number_integer()) saved.query.limit = ValueAt(params, "limit").get<std::int64_t>();
  return saved;
}

Status ReadSpines(const Json& configuration, SemanticGraph& graph) {
  for (const Json& spine : ValueAt(configuration, "time_spines")) {
    const Json& relation = ValueAt(spine, "node_relation");
    const Json& column = ValueAt(spine, "primary_column");
    SMELT_ASSIGN(const Grain grain, GrainOf(Text(column, "time_granularity", "day"), "time_spine"));
    graph.spines.push_back(
        {.relation = RelationName{.schema = Text(relation, "schema_name"), .identifier = Text(relation, "alias")}.Sql(),
         .column = Text(column, "name"),
         .grain = grain});
  }
  for (const Json& older : ValueAt(configuration, "time_spine_table_configurations")) {
    graph.spines.push_back(
        {.relation = Text(older, "location"), .column = Text(older, "column_name"), .grain = Grain::kDay});
  }
  std::ranges::sort(graph.spines, std::ranges::greater(), &SpineDefinition::grain);
  return {};
}

}  // namespace

const EntityDefinition* ModelDefinition::Entity(std::string_view wanted) const {
  const auto found = std::ranges::find(entities, wanted, &EntityDefinition::name);
  return found == entities.end() ? nullptr : &*found;
}

const DimensionDefinition* ModelDefinition::Dimension(std::string_view wanted) const {
  const auto found = std::ranges::find(dimensions, wanted, &DimensionDefinition::name);
  return found == dimensions.end() ? nullptr : &*found;
}

bool ModelDefinition::IsNamedBy(std::string_view entity) const {
  const EntityDefinition* found = Entity(entity);
  return entity == primary_entity || (found != nullptr && found->is_key());
}

std::pair<const DimensionDefinition*, const DimensionDefinition*> ModelDefinition::Validity() const {
  const auto begin = std::ranges::find(dimensions, true, &DimensionDefinition::begins_validity);
  const auto end = std::ranges::find(dimensions, true, &DimensionDefinition::ends_validity);
  if (begin == dimensions.end() || end == dimensions.end()) return {nullptr, nullptr};
  return {&*begin, &*end};
}

SemanticGraph::MeasurePlace SemanticGraph::FindMeasure(std::string_view name) const {
  for (const ModelDefinition& model : models) {
    const auto found = std::ranges::find(model.measures, name, &MeasureDefinition::name);
    if (found != model.measures.end()) return {.model = &model, .measure = &*found};
  }
  return {};
}

Result<const MetricDefinition*> SemanticGraph::FindMetric(std::string_view name) const {
  if (const auto found = metrics.find(name); found != metrics.end()) return &found->second;
  std::vector<std::string> known;
  for (const auto& [other, metric] : metrics) known.push_back(other);
  return Fail(UnknownName("metric", name, known));
}

const SpineDefinition* SemanticGraph::SpineFor(Grain grain) const {
  // Weeks do not fill months: what is coarser than a day needs days, unless it is the spine's own grain.
  const auto found = std::ranges::find_if(spines, [&](const SpineDefinition& spine) {
    return spine.grain == grain || (spine.grain <= Grain::kDay && spine.grain <= grain);
  });
  return found == spines.end() ? nullptr : &*found;
}

Result<SemanticGraph> ReadSemanticGraph(const Json& manifest) {
  SemanticGraph graph;
  for (const Json& body : ValueAt(manifest, "semantic_models")) {
    SMELT_ASSIGN(ModelDefinition model, ReadModel(body));
    if (model.primary_entity.empty()) {
      const auto primary = std::ranges::find(model.entities, "primary", &EntityDefinition::type);
      if (primary != model.entities.end()) model.primary_entity = primary->name;
    }
    graph.models.push_back(std::move(model));
  }
  for (const Json& body : ValueAt(manifest, "metrics")) {
    SMELT_ASSIGN(MetricDefinition metric, ReadMetric(body));
    std::string name = metric.info.name;
    graph.metrics.emplace(std::move(name), std::move(metric));
  }
  for (const Json& body : ValueAt(manifest, "saved_queries")) {
    SMELT_ASSIGN(SavedMetricQuery saved, ReadSavedQuery(body));
    graph.saved_queries.push_back(std::move(saved));
  }
  SMELT_TRY(ReadSpines(ValueAt(manifest, "project_configuration"), graph));
  return graph;
}

Error UnknownName(std::string_view kind, std::string_view name, const std::vector<std::string>& known) {
  const std::vector<std::string_view> names(known.begin(), known.end());
  const std::string near = NearestWord(name, names);
  Error error(ErrorCode::kMetricUnknown, fmt::format("there is no {} '{}'", kind, name));
  if (!near.empty()) return std::move(error).Hint(fmt::format("did you mean '{}'?", near));
  return std::move(error).Hint(known.empty() ? fmt::format("the project defines no {}", kind)
                                             : "smelt metrics list shows the metrics, smelt metrics dimensions what "
                                               "they can be grouped by");
}

}  // namespace smelt::transform
