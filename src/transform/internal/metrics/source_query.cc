#include "transform/internal/metrics/source_query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace smelt::transform {
namespace {

using MeasurePlace = SemanticGraph::MeasurePlace;

bool IsReadWith(const SemanticGraph& graph, const MetricLeaf& one, const MetricLeaf& other) {
  const MeasurePlace first = graph.FindMeasure(one.metric->measure.measure);
  const MeasurePlace second = graph.FindMeasure(other.metric->measure.measure);
  const bool is_simple = one.metric->info.type == "simple" && other.metric->info.type == "simple";
  return is_simple && first.model == second.model && first.measure->time_dimension == second.measure->time_dimension &&
         !first.measure->non_additive && !second.measure->non_additive && one.filters == other.filters &&
         one.offset_window == other.offset_window && one.offset_to_grain == other.offset_to_grain &&
         one.joins_spine == other.joins_spine;
}

/// A query of the rows grouped, with its parts.
class Source {
 public:
  Source(const SourceContext& context, const LeafGroup& group)
      : context_(context),
        leaves_(group.leaves),
        place_(context.graph.FindMeasure(leaves_[0]->metric->measure.measure)),
        rows_(context.graph, *place_.model, place_.measure->time_dimension, context.compile_metric) {}

  Result<std::string> Query() {
    SMELT_ASSIGN(own_times_, OwnTimes(context_, rows_));
    SMELT_ASSIGN(conditions_, ReadConditions(leaves_[0]->filters, rows_));
    const bool has_time = std::ranges::find(own_times_, true) != own_times_.end();
    if (leaves_[0]->is_offset() && !has_time) {
      return Fail(Error(ErrorCode::kMetricImpossible,
                        fmt::format("'{}' is compared with itself at another time, which needs a time",
                                    leaves_[0]->metric->info.name))
                      .Hint("group by metric_time, for instance metric_time__month"));
    }
    if (leaves_[0]->is_offset()) return OnSpine(leaves_[0]->joins_spine ? "LEFT JOIN" : "JOIN", false);
    if (leaves_[0]->joins_spine && has_time) return OnSpine("LEFT JOIN", true);
    return Grouped(true);
  }

 private:
  /// `is_timed`: the range and the conditions on time are those of the rows.
  Result<std::string> Grouped(bool is_timed) {
    std::vector<std::string> columns;
    std::vector<std::string> keys;
    for (const GroupItem& item : context_.items) {
      SMELT_ASSIGN(const FoundElement found, rows_.FindAtGrain(item.reference));
      columns.push_back(fmt::format("{} AS {}", found.sql, item.column));
      keys.push_back(found.sql);
    }
    std::vector<std::string> where;
    for (const ConditionText& condition : conditions_.on_rows) {
      SMELT_ASSIGN(std::string sql, rows_.Condition(condition));
      where.push_back(std::move(sql));
    }
    const std::string time = rows_.Own(place_.model->Dimension(place_.measure->time_dimension)->expr);
    if (is_timed) {
      for (std::string& sql : TimeConditions(conditions_.on_time, Shifted(time, context_.shift)))
        where.push_back(std::move(sql));
      if (std::string range = context_.range.Condition(time); !range.empty()) where.push_back(std::move(range));
    }
    for (const MetricLeaf* leaf : leaves_) {
      const MeasureDefinition& measure = *context_.graph.FindMeasure(leaf->metric->measure.measure).measure;
      SMELT_ASSIGN(const std::string value, Aggregate(measure, rows_.Own(measure.expr)));
      columns.push_back(fmt::format("{} AS {}", value, leaf->column));
    }
    const std::string group = keys.empty() ? "" : fmt::format("\nGROUP BY {}", fmt::join(keys, ", "));
    if (place_.measure->non_additive) return NonAdditiveGroups(columns, where, group);
    return fmt::format("SELECT {}\nFROM {}{}{}", fmt::join(columns, ", "), rows_.From(), Where(where), group);
  }

  /// Of the rows of a group, those of its first or last time. Of several times, each has its own.
  Result<std::string> NonAdditiveGroups(const std::vector<std::string>& columns, const std::vector<std::string>& where,
                                        const std::string& group) {
    const NonAdditive& rule = *place_.measure->non_additive;
    const DimensionDefinition* dimension = place_.model->Dimension(rule.dimension);
    if (dimension == nullptr) {
      return Fail(ErrorCode::kMetricImpossible,
                  fmt::format("the measure '{}' is not additive over '{}', which '{}' does "
                              "not have",
                              place_.measure->name, rule.dimension, place_.model->name));
    }
    const std::string time = Truncated(dimension->grain, rows_.Own(dimension->expr));
    std::vector<std::string> keys;
    for (const std::string& name : rule.groupings) {
      SMELT_ASSIGN(const FoundElement found,
                   rows_.Find({.path = {}, .name = name, .grain = {}, .date_part = {}, .group_by = {}}));
      keys.push_back(found.sql);
    }
    for (const GroupItem& item : context_.items) {
      SMELT_ASSIGN(const FoundElement found, rows_.Find(item.reference));
      if (found.sql != rows_.Own(dimension->expr)) continue;
      SMELT_ASSIGN(const FoundElement period, rows_.FindAtGrain(item.reference));
      keys.push_back(period.sql);
    }
    const std::string partition = keys.empty() ? "" : fmt::format("PARTITION BY {}", fmt::join(keys, ", "));
    return fmt::format("SELECT {}\nFROM (SELECT * FROM {}{}\nQUALIFY {} = {}({}) OVER ({})){}",
                       fmt::join(columns, ", "), rows_.From(), Where(where), time, rule.takes_last ? "max" : "min",
                       time, partition, group);
  }

  /// The groups, each at the times of the time spine that it belongs to. `is_timed`: see Grouped.
  Result<std::string> OnSpine(std::string_view join, bool is_timed) {
    SMELT_ASSIGN(const std::string groups, Grouped(is_timed));
    // The finest of the times joins; the others follow from it.
    const GroupItem* finest = nullptr;
    for (std::size_t i = 0; i < own_times_.size(); ++i) {
      const Reference& reference = context_.items[i].reference;
      if (!own_times_[i] || !reference.date_part.empty()) continue;
      if (finest == nullptr || *reference.grain < *finest->reference.grain) finest = &context_.items[i];
    }
    if (finest == nullptr) {
      return Fail(Error(ErrorCode::kMetricImpossible, fmt::format("'{}' needs a time", leaves_[0]->metric->info.name))
                      .Hint("group by metric_time at a grain, for instance metric_time__month"));
    }
    const SpineDefinition* spine = context_.graph.SpineFor(*finest->reference.grain);
    if (spine == nullptr) return Fail(NoSpine());
    std::vector<std::string> times, columns;
    for (std::size_t i = 0; i < own_times_.size(); ++i) {
      const GroupItem& item = context_.items[i];
      if (own_times_[i]) times.push_back(fmt::format("{} AS {}", AtGrain(item.reference, spine->column), item.column));
      columns.push_back(fmt::format("{}.{} AS {}", own_times_[i] ? "t" : "g", item.column, item.column));
    }
    for (const MetricLeaf* leaf : leaves_) columns.push_back(fmt::format("g.{}", leaf->column));
    std::vector<std::string> where = TimeConditions(conditions_.on_time, Shifted(spine->column, context_.shift));
    if (std::string range = context_.range.Condition(spine->column); !range.empty()) where.push_back(std::move(range));
    return fmt::format("SELECT {}\nFROM (SELECT DISTINCT {} FROM {}{}) AS t\n{} ({}) AS g ON {} = g.{}",
                       fmt::join(columns, ", "), fmt::join(times, ", "), spine->relation, Where(where), join, groups,
                       SourceTime(finest->column), finest->column);
  }

  /// The time whose groups belong to a time of the spine.
  std::string SourceTime(const std::string& column) const {
    const MetricLeaf& leaf = *leaves_[0];
    if (leaf.offset_window) return fmt::format("t.{} - {}", column, leaf.offset_window->Sql());
    if (leaf.offset_to_grain) return Truncated(*leaf.offset_to_grain, "t." + column);
    return "t." + column;
  }

  Error NoSpine() const {
    return Error(ErrorCode::kMetricImpossible,
                 fmt::format("'{}' needs a time spine, which the project does not have", leaves_[0]->metric->info.name))
        .Hint("describe a model with a row per day as time_spine: {standard_granularity_column: …}");
  }

  const SourceContext& context_;
  std::vector<const MetricLeaf*> leaves_;
  MeasurePlace place_;
  JoinedRows rows_;
  LeafConditions conditions_;
  std::vector<bool> own_times_;
};

}  // namespace

std::string TimeRange::Condition(const std::string& time) const {
  if (begin.empty() && end.empty()) return {};
  if (end.empty()) return fmt::format("{} >= {}", time, begin);
  if (begin.empty()) return fmt::format("{} < {}", time, end);
  return fmt::format("{0} >= {1} AND {0} < {2}", time, begin, end);
}

std::string Shifted(const std::string& time, const std::string& shift) {
  return shift.empty() ? time : fmt::format("({} + {})", time, shift);
}

std::vector<LeafGroup> GroupLeaves(const SemanticGraph& graph, const std::vector<MetricLeaf>& leaves) {
  std::vector<LeafGroup> groups;
  for (const MetricLeaf& leaf : leaves) {
    const auto fits = std::ranges::find_if(
        groups, [&](const LeafGroup& group) { return IsReadWith(graph, *group.leaves.front(), leaf); });
    if (fits == groups.end()) {
      groups.push_back({.leaves = {&leaf}});
    } else {
      fits->leaves.push_back(&leaf);
    }
  }
  return groups;
}

Result<std::string> SourceQuery(const SourceContext& context, const LeafGroup& group) {
  return Source(context, group).Query();
}

Result<std::string> Aggregate(const MeasureDefinition& measure, const std::string& expression) {
  const std::string& agg = measure.agg;
  if (agg == "sum" || agg == "min" || agg == "max" || agg == "median") return fmt::format("{}({})", agg, expression);
  if (agg == "average") return fmt::format("avg({})", expression);
  if (agg == "count_distinct") return fmt::format("count(DISTINCT {})", expression);
  // A sum of nothing is missing, and so is a count of it, as MetricFlow has it.
  if (agg == "count") return fmt::format("sum(({} IS NOT NULL)::integer)::bigint", expression);
  if (agg == "sum_boolean") return fmt::format("sum(({})::integer)::bigint", expression);
  if (agg == "percentile") {
    const char* function = measure.is_approximate ? "approx_quantile"
                           : measure.is_discrete  ? "quantile_disc"
                                                  : "quantile_cont";
    return fmt::format("{}({}, {})", function, expression, measure.percentile);
  }
  return Fail(Error(ErrorCode::kMetricImpossible,
                    fmt::format("the measure '{}' has the aggregation '{}', which is none", measure.name, agg))
                  .Hint("write sum, min, max, average, median, percentile, count, count_distinct or sum_boolean"));
}

Result<LeafConditions> ReadConditions(const std::vector<std::string>& filters, JoinedRows& rows) {
  LeafConditions conditions;
  for (const std::string& filter : filters) {
    SMELT_ASSIGN(ConditionText condition, ParseCondition(filter));
    bool is_on_time = !condition.references.empty();
    for (Reference& reference : condition.references) {
      if (reference.is_metric) {
        is_on_time = false;
        continue;
      }
      SMELT_ASSIGN(const FoundElement found, rows.FindAtGrain(reference));
      is_on_time = is_on_time && found.is_own_time;
      if (found.is_own_time && !reference.grain) reference.grain = found.finest;
    }
    (is_on_time ? conditions.on_time : conditions.on_rows).push_back(std::move(condition));
  }
  return conditions;
}

std::string Where(const std::vector<std::string>& conditions) {
  return conditions.empty() ? "" : fmt::format("\nWHERE {}", fmt::join(conditions, " AND "));
}

std::string AtGrain(const Reference& reference, const std::string& time) {
  if (!reference.date_part.empty()) return fmt::format("extract('{}' from {})", reference.date_part, time);
  return Truncated(reference.grain.value_or(Grain::kDay), time);
}

std::vector<std::string> TimeConditions(const std::vector<ConditionText>& conditions, const std::string& time) {
  std::vector<std::string> all;
  for (const ConditionText& condition : conditions) {
    std::string sql = condition.texts.front();
    for (std::size_t i = 0; i < condition.references.size(); ++i) {
      sql += AtGrain(condition.references[i], time) + condition.texts[i + 1];
    }
    all.push_back(fmt::format("({}\n)", sql));
  }
  return all;
}

Result<std::vector<bool>> OwnTimes(const SourceContext& context, JoinedRows& rows) {
  std::vector<bool> own;
  for (const GroupItem& item : context.items) {
    SMELT_ASSIGN(const FoundElement found, rows.FindAtGrain(item.reference));
    own.push_back(found.is_own_time);
  }
  return own;
}

}  // namespace smelt::transform
