#include "serve/metrics/tile_metrics.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace smelt::serve {
namespace {

using transform::MetricQuery;

/// Whether a tile takes a filter: those that it names, else all that the semantic layer knows.
bool Takes(const MetricQuestion& metric, const Filter& filter) {
  if (metric.filters) return std::ranges::find(*metric.filters, filter.name) != metric.filters->end();
  return !filter.dimension.empty() || filter.type == FilterType::kDateRange;
}

void AddBounds(const std::string& dimension, const ChosenRange& range, MetricQuery& query) {
  if (range.from) query.filters.push_back({.dimension = dimension, .op = ">=", .value = *range.from});
  if (range.to) query.filters.push_back({.dimension = dimension, .op = "<=", .value = *range.to});
}

void AddFilter(const Filter& filter, const Chosen& chosen, MetricQuery& query) {
  switch (filter.type) {
    case FilterType::kDateRange:
      if (filter.dimension.empty()) {
        query.start = chosen.range.from.value_or("");
        query.end = chosen.range.to.value_or("");
      } else {
        AddBounds(filter.dimension + "__day", chosen.range, query);
      }
      return;
    case FilterType::kNumberRange: AddBounds(filter.dimension, chosen.range, query); return;
    case FilterType::kSelect:
      if (!chosen.values.empty()) {
        query.filters.push_back({.dimension = filter.dimension, .op = "in", .value = chosen.values});
      }
      return;
    case FilterType::kText:
      for (const std::string& text : chosen.values) {
        query.filters.push_back({.dimension = filter.dimension, .op = "contains", .value = text});
      }
  }
}

Result<Question> Compile(transform::LiveSemanticLayer& live, const Dashboard& dashboard, const Tile& tile,
                         const Selection& selection) {
  const MetricQuestion& metric = *tile.metric;
  MetricQuery query;
  query.metrics = metric.metrics;
  query.group_by = metric.dimensions;
  const std::string& grain = metric.grain == "filter" ? selection.grain : metric.grain;
  if (!grain.empty()) query.group_by.insert(query.group_by.begin(), "metric_time__" + grain);
  query.short_time_name = true;
  query.where = metric.where;
  query.order_by = metric.order;
  if (metric.limit > 0) query.limit = metric.limit;
  if (metric.compare == "previous_period") query.compare = transform::MetricComparison::kPreviousPeriod;
  for (const Filter& filter : dashboard.filters) {
    const auto chosen = selection.filters.find(filter.name);
    if (chosen != selection.filters.end() && Takes(metric, filter)) AddFilter(filter, chosen->second, query);
  }
  SMELT_ASSIGN(const auto layer, live.Current());
  auto statement = layer->Compile(query);
  if (!statement) return Fail(std::move(statement.error()).At(tile.file, tile.line));
  return Question{.sql = std::move(statement->sql), .parameters = {}, .as_of = {}};
}

}  // namespace

CompileMetric MetricsOfTiles(transform::LiveSemanticLayer& layer) {
  return [&layer](const Dashboard& dashboard, const Tile& tile, const Selection& selection) {
    return Compile(layer, dashboard, tile, selection);
  };
}

}  // namespace smelt::serve
