#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "transform/internal/metrics/source_query.h"

namespace smelt::transform {
namespace {

using MeasurePlace = SemanticGraph::MeasurePlace;

class Conversion {
 public:
  Conversion(const SourceContext& context, const MetricLeaf& leaf)
      : context_(context),
        leaf_(leaf),
        metric_(*leaf.metric),
        base_(context.graph.FindMeasure(metric_.measure.measure)),
        conversion_(context.graph.FindMeasure(metric_.conversion.measure)) {}

  Result<std::string> Query() {
    if (leaf_.is_offset()) {
      return Fail(Error(ErrorCode::kMetricImpossible,
                        fmt::format("'{}' is a conversion and is asked for at another time", metric_.info.name))
                      .Hint("give offsets to simple metrics"));
    }
    SMELT_ASSIGN(const std::string base, Base());
    SMELT_ASSIGN(const std::string conversions, Conversions());
    std::vector<std::string> items, base_items;
    for (const GroupItem& item : context_.items) {
      items.push_back(item.column);
      base_items.push_back("b." + item.column);
    }
    const std::string group = items.empty() ? "" : fmt::format("\nGROUP BY {}", fmt::join(items, ", "));
    SMELT_ASSIGN(const std::string bases, Aggregate(*base_.measure, "own_value"));
    SMELT_ASSIGN(const std::string converted, Aggregate(*conversion_.measure, "own_value"));
    const std::string lead = items.empty() ? "" : fmt::format("{}, ", fmt::join(items, ", "));
    // A conversion belongs to the last event before it.
    const std::string pairs = fmt::format(
        "SELECT {}c.own_value\nFROM base AS b\nJOIN conversion AS c ON b.own_entity = c.own_entity AND b.own_time <= "
        "c.own_time{}\nQUALIFY row_number() OVER (PARTITION BY c.own_row ORDER BY b.own_time DESC) = 1",
        items.empty() ? "" : fmt::format("{}, ", fmt::join(base_items, ", ")), Window());
    return fmt::format(
        "WITH base AS (\n{}\n), conversion AS (\n{}\n)\nSELECT {}{} AS {}b\nFROM base{}\nUNION ALL BY "
        "NAME\nSELECT {}{} AS {}\nFROM ({}){}",
        base, conversions, lead, bases, leaf_.column, group, lead, converted, leaf_.column, pairs, group);
  }

 private:
  Result<std::string> Base() {
    JoinedRows rows(context_.graph, *base_.model, base_.measure->time_dimension, context_.compile_metric);
    std::vector<std::string> columns;
    for (const GroupItem& item : context_.items) {
      SMELT_ASSIGN(const FoundElement found, rows.FindAtGrain(item.reference));
      columns.push_back(fmt::format("{} AS {}", found.sql, item.column));
    }
    std::vector<std::string> properties;
    for (const auto& [own, other] : metric_.constant_properties) properties.push_back(own);
    return Events(rows, base_, leaf_.filters, context_.range, context_.shift, properties, std::move(columns));
  }

  Result<std::string> Conversions() {
    JoinedRows rows(context_.graph, *conversion_.model, conversion_.measure->time_dimension, context_.compile_metric);
    std::vector<std::string> properties;
    for (const auto& [own, other] : metric_.constant_properties) properties.push_back(other);
    return Events(rows, conversion_, metric_.conversion.filters, {}, {}, properties,
                  {"row_number() OVER () AS own_row"});
  }

  /// The events with entity, time, value and properties beside `columns`.
  Result<std::string> Events(JoinedRows& rows, const MeasurePlace& place, const std::vector<std::string>& filters,
                             const TimeRange& range, const std::string& shift,
                             const std::vector<std::string>& properties, std::vector<std::string> columns) const {
    SMELT_ASSIGN(const LeafConditions conditions, ReadConditions(filters, rows));
    std::vector<std::string> where;
    for (const ConditionText& condition : conditions.on_rows) {
      SMELT_ASSIGN(std::string sql, rows.Condition(condition));
      where.push_back(std::move(sql));
    }
    const DimensionDefinition& time = *place.model->Dimension(place.measure->time_dimension);
    for (std::string& sql : TimeConditions(conditions.on_time, Shifted(rows.Own(time.expr), shift)))
      where.push_back(std::move(sql));
    if (std::string within = range.Condition(rows.Own(time.expr)); !within.empty()) where.push_back(std::move(within));
    SMELT_ASSIGN(const FoundElement entity,
                 rows.Find({.path = {}, .name = metric_.entity, .grain = {}, .date_part = {}, .group_by = {}}));
    columns.push_back(entity.sql + " AS own_entity");
    columns.push_back(Truncated(time.grain, rows.Own(time.expr)) + " AS own_time");
    columns.push_back(rows.Own(place.measure->expr) + " AS own_value");
    for (std::size_t i = 0; i < properties.size(); ++i) {
      SMELT_ASSIGN(Reference reference, ParseReference(properties[i]));
      // The model's own dimensions are named without what leads to them.
      if (reference.path.empty() && place.model->Dimension(reference.name) != nullptr) {
        reference.path.push_back(place.model->primary_entity);
      }
      SMELT_ASSIGN(const FoundElement property, rows.FindAtGrain(reference));
      columns.push_back(fmt::format("{} AS own_property_{}", property.sql, i));
    }
    return fmt::format("SELECT {}\nFROM {}{}", fmt::join(columns, ", "), rows.From(), Where(where));
  }

  std::string Window() const {
    std::string sql;
    if (metric_.window) sql = fmt::format(" AND b.own_time > c.own_time - {}", metric_.window->Sql());
    for (std::size_t i = 0; i < metric_.constant_properties.size(); ++i) {
      sql += fmt::format(" AND b.own_property_{0} = c.own_property_{0}", i);
    }
    return sql;
  }

  const SourceContext& context_;
  const MetricLeaf& leaf_;
  const MetricDefinition& metric_;
  MeasurePlace base_, conversion_;
};

}  // namespace

Result<std::string> ConversionQuery(const SourceContext& context, const MetricLeaf& leaf) {
  return Conversion(context, leaf).Query();
}

}  // namespace smelt::transform
