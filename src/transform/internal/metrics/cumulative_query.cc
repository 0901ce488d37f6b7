#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "transform/internal/metrics/source_query.h"

namespace smelt::transform {
namespace {

/// How sums of sums and the like are made; empty: the aggregation needs every row.
std::string Combined(const std::string& agg) {
  if (agg == "sum" || agg == "min" || agg == "max") return agg;
  return agg == "count" || agg == "sum_boolean" ? "sum" : "";
}

class Cumulative {
 public:
  Cumulative(const SourceContext& context, const MetricLeaf& leaf)
      : context_(context),
        leaf_(leaf),
        place_(context.graph.FindMeasure(leaf.metric->measure.measure)),
        rows_(context.graph, *place_.model, place_.measure->time_dimension, context.compile_metric) {}

  Result<std::string> Query() {
    const MetricDefinition& metric = *leaf_.metric;
    if (leaf_.is_offset()) {
      return Fail(Error(ErrorCode::kMetricImpossible,
                        fmt::format("'{}' is cumulative and is asked for at another time", metric.info.name))
                      .Hint("give offsets to simple metrics"));
    }
    SMELT_ASSIGN(own_times_, OwnTimes(context_, rows_));
    SMELT_ASSIGN(conditions_, ReadConditions(leaf_.filters, rows_));
    if (std::ranges::find(own_times_, true) == own_times_.end()) {
      if (!metric.window && !metric.grain_to_date) return WholeTime();
      return Fail(Error(ErrorCode::kMetricImpossible,
                        fmt::format("'{}' adds up what is within a window, which needs a time", metric.info.name))
                      .Hint("group by metric_time, for instance metric_time__day"));
    }
    return OverTime();
  }

 private:
  const DimensionDefinition& Time() const { return *place_.model->Dimension(place_.measure->time_dimension); }

  Result<std::vector<std::string>> RowConditions() {
    std::vector<std::string> where;
    for (const ConditionText& condition : conditions_.on_rows) {
      SMELT_ASSIGN(std::string sql, rows_.Condition(condition));
      where.push_back(std::move(sql));
    }
    return where;
  }

  /// Everything until the end of the range.
  Result<std::string> WholeTime() {
    SMELT_ASSIGN(std::vector<std::string> where, RowConditions());
    const std::string time = rows_.Own(Time().expr);
    for (std::string& sql : TimeConditions(conditions_.on_time, Shifted(time, context_.shift)))
      where.push_back(std::move(sql));
    const TimeRange until{.begin = {}, .end = context_.range.end};
    if (std::string range = until.Condition(time); !range.empty()) where.push_back(std::move(range));
    SMELT_ASSIGN(auto columns, OtherItems());
    const std::string group = columns.empty() ? "" : "\nGROUP BY ALL";
    SMELT_ASSIGN(const std::string value, Aggregate(*place_.measure, rows_.Own(place_.measure->expr)));
    columns.push_back(fmt::format("{} AS {}", value, leaf_.column));
    return fmt::format("SELECT {}\nFROM {}{}{}", fmt::join(columns, ", "), rows_.From(), Where(where), group);
  }

  /// The items that are not the measure's time.
  Result<std::vector<std::string>> OtherItems() {
    std::vector<std::string> columns;
    for (std::size_t i = 0; i < own_times_.size(); ++i) {
      if (own_times_[i]) continue;
      SMELT_ASSIGN(const FoundElement found, rows_.FindAtGrain(context_.items[i].reference));
      columns.push_back(fmt::format("{} AS {}", found.sql, context_.items[i].column));
    }
    return columns;
  }

  /// The rows with their time; added up per time, where that loses nothing.
  Result<std::string> Rows() {
    SMELT_ASSIGN(std::vector<std::string> where, RowConditions());
    const std::string time = rows_.Own(Time().expr);
    const TimeRange until{.begin = {}, .end = context_.range.end};
    if (std::string range = until.Condition(time); !range.empty()) where.push_back(std::move(range));
    SMELT_ASSIGN(auto columns, OtherItems());
    columns.insert(columns.begin(), fmt::format("{} AS own_time", Truncated(Time().grain, time)));
    std::string value = rows_.Own(place_.measure->expr);
    const bool is_combined = !Combined(place_.measure->agg).empty();
    if (is_combined) {
      SMELT_ASSIGN(value, Aggregate(*place_.measure, value));
    }
    columns.push_back(fmt::format("{} AS own_value", value));
    return fmt::format("SELECT {}\nFROM {}{}{}", fmt::join(columns, ", "), rows_.From(), Where(where),
                       is_combined ? "\nGROUP BY ALL" : "");
  }

  Result<std::string> OverTime() {
    const Grain grain = Time().grain;
    const SpineDefinition* spine = context_.graph.SpineFor(grain);
    if (spine == nullptr) {
      return Fail(
          Error(ErrorCode::kMetricImpossible,
                fmt::format("'{}' needs a time spine, which the project does not have", leaf_.metric->info.name))
              .Hint("describe a model with a row per day as time_spine: {standard_granularity_column: …}"));
    }
    SMELT_ASSIGN(const std::string rows, Rows());
    const std::string time = Truncated(grain, "t." + spine->column);
    std::vector<std::string> columns = {fmt::format("{} AS own_time", time)}, items;
    bool is_at_grain = false;
    for (std::size_t i = 0; i < own_times_.size(); ++i) {
      const GroupItem& item = context_.items[i];
      items.push_back(item.column);
      columns.push_back(own_times_[i] ? fmt::format("{} AS {}", AtGrain(item.reference, time), item.column)
                                      : fmt::format("r.{} AS {}", item.column, item.column));
      is_at_grain = is_at_grain || (own_times_[i] && item.reference.grain == grain);
    }
    std::vector<std::string> where = TimeConditions(conditions_.on_time, Shifted(time, context_.shift));
    if (std::string range = context_.range.Condition(time); !range.empty()) where.push_back(std::move(range));
    const std::string combined = Combined(place_.measure->agg);
    std::string value = fmt::format("{}(r.own_value)", combined);
    if (combined.empty()) {
      SMELT_ASSIGN(value, Aggregate(*place_.measure, "r.own_value"));
    }
    columns.push_back(fmt::format("{} AS {}", value, leaf_.column));
    const std::string at_each =
        fmt::format("SELECT {}\nFROM (SELECT {} FROM {}) AS t\nJOIN ({}) AS r ON {}{}\nGROUP BY ALL",
                    fmt::join(columns, ", "), spine->column, spine->relation, rows, Window(time), Where(where));
    if (is_at_grain) return fmt::format("SELECT * EXCLUDE (own_time) FROM ({})", at_each);
    return fmt::format("SELECT {0}, {1} AS {2}\nFROM ({3})\nGROUP BY {0}", fmt::join(items, ", "), PeriodValue(),
                       leaf_.column, at_each);
  }

  /// Which rows are added up at a time.
  std::string Window(const std::string& time) const {
    const MetricDefinition& metric = *leaf_.metric;
    const std::string until = fmt::format("r.own_time <= {}", time);
    if (metric.window) return fmt::format("{} AND r.own_time > {} - {}", until, time, metric.window->Sql());
    if (metric.grain_to_date)
      return fmt::format("{} AND r.own_time >= {}", until, Truncated(*metric.grain_to_date, time));
    return until;
  }

  /// What a period longer than the data's grain has of its times.
  std::string PeriodValue() const {
    const std::string& agg = leaf_.metric->period_agg;
    if (agg == "average") return fmt::format("avg({})", leaf_.column);
    return fmt::format("{}({} ORDER BY own_time)", agg == "last" ? "last" : "first", leaf_.column);
  }

  const SourceContext& context_;
  const MetricLeaf& leaf_;
  SemanticGraph::MeasurePlace place_;
  JoinedRows rows_;
  LeafConditions conditions_;
  std::vector<bool> own_times_;
};

}  // namespace

Result<std::string> CumulativeQuery(const SourceContext& context, const MetricLeaf& leaf) {
  return Cumulative(context, leaf).Query();
}

}  // namespace smelt::transform
