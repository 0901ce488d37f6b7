#include "transform/internal/metrics/compile_query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/session.h"
#include "transform/internal/metrics/filter_text.h"
#include "transform/internal/metrics/source_query.h"
#include "transform/internal/metrics/time_range.h"

namespace smelt::transform {
namespace {

constexpr int kDepthMax = 3;
constexpr std::size_t kMetricsMax = 100, kItemsMax = 50;

class QueryCompiler {
 public:
  QueryCompiler(const SemanticGraph& graph, const MetricQuery& query, int depth)
      : graph_(graph), query_(query), depth_(depth) {}

  Result<MetricStatement> Compile() {
    SMELT_TRY(CheckQuery());
    std::vector<std::string> conditions = query_.where;
    for (const MetricFilter& filter : query_.filters) {
      SMELT_ASSIGN(std::string text, FilterText(filter));
      conditions.push_back(std::move(text));
    }
    has_conditions_ = !conditions.empty();
    SMELT_ASSIGN(plan_, PlanMetrics(graph_, query_.metrics, conditions, query_.fill_nulls));
    for (const std::string& text : query_.group_by) SMELT_TRY(AddItem(text));
    SMELT_ASSIGN(range_, ReadTimeRange(query_.start, query_.end, Finest()));
    MetricStatement statement;
    for (const GroupItem& item : items_) AddColumn(statement, item);
    for (const MetricColumnPlan& column : plan_.columns) {
      statement.columns.push_back(
          {.name = column.metric->info.name, .kind = "metric", .label = column.metric->info.label});
    }
    SMELT_ASSIGN(statement.sql, Select(range_, ""));
    if (query_.compare != MetricComparison::kNone) SMELT_TRY(Compare(statement));
    SMELT_ASSIGN(const std::string order, OrderBy(statement));
    statement.sql += order;
    if (query_.limit) statement.sql += fmt::format("\nLIMIT {}", *query_.limit);
    return statement;
  }

 private:
  Status CheckQuery() const {
    if (depth_ > kDepthMax) {
      return Fail(Error(ErrorCode::kMetricImpossible, "conditions on metrics lead to conditions on metrics without end")
                      .Hint("leave Metric() out of the metric's own filter"));
    }
    if (query_.metrics.empty()) {
      return Fail(Error(ErrorCode::kMetricImpossible, "the query names no metric").Hint("name one or more metrics"));
    }
    if (query_.metrics.size() > kMetricsMax || query_.group_by.size() > kItemsMax) {
      return Fail(ErrorCode::kMetricImpossible,
                  fmt::format("a query has at most {} metrics and {} dimensions", kMetricsMax, kItemsMax));
    }
    for (std::size_t i = 0; i < query_.metrics.size(); ++i) {
      if (std::find(query_.metrics.begin(), query_.metrics.begin() + static_cast<std::ptrdiff_t>(i),
                    query_.metrics[i]) != query_.metrics.begin() + static_cast<std::ptrdiff_t>(i)) {
        return Fail(ErrorCode::kMetricImpossible, fmt::format("the metric '{}' is named twice", query_.metrics[i]));
      }
    }
    if (query_.limit && *query_.limit < 0) return Fail(ErrorCode::kMetricImpossible, "the limit is negative");
    return {};
  }

  /// Settles what a grouping means, for every metric.
  Status AddItem(const std::string& text) {
    SMELT_ASSIGN(Reference reference, ParseReference(text));
    if (reference.is_metric) {
      return Fail(ErrorCode::kMetricImpossible, fmt::format("'{}': nothing is grouped by a metric", text));
    }
    std::optional<Grain> coarsest;
    FoundElement first;
    for (const MetricLeaf& leaf : plan_.leaves) {
      const auto place = graph_.FindMeasure(leaf.metric->measure.measure);
      JoinedRows rows(graph_, *place.model, place.measure->time_dimension, {});
      auto found = rows.FindAtGrain(reference);
      if (!found) return Fail(std::move(found.error()).Context(fmt::format("the metric '{}'", leaf.metric->info.name)));
      if (found->is_time()) {
        Grain own = found->finest;
        if (reference.is_metric_time()) own = std::max(own, leaf.metric->grain.value_or(own));
        coarsest = std::max(coarsest.value_or(own), own);
      }
      if (first.sql.empty()) first = *std::move(found);
    }
    if (coarsest && !reference.grain && reference.date_part.empty()) reference.grain = coarsest;
    std::string column = engine::QuoteIdentifier(reference.Column());
    if (std::ranges::find(items_, column, &GroupItem::column) != items_.end()) {
      return Fail(ErrorCode::kMetricImpossible, fmt::format("'{}' is grouped by twice", text));
    }
    kinds_.push_back(std::move(first));
    items_.push_back({.reference = std::move(reference), .column = std::move(column)});
    return {};
  }

  /// The finest grain of metric_time that is grouped by.
  std::optional<Grain> Finest() const {
    std::optional<Grain> finest;
    for (const GroupItem& item : items_) {
      const auto grain = item.reference.grain;
      if (item.reference.is_metric_time() && grain) finest = std::min(finest.value_or(*grain), *grain);
    }
    return finest;
  }

  std::string OutputName(const GroupItem& item) const {
    const bool is_alone =
        std::ranges::count_if(items_, [](const GroupItem& one) { return one.reference.is_metric_time(); }) == 1;
    const bool is_short = query_.short_time_name && item.reference.is_metric_time() && is_alone;
    return is_short ? std::string(kMetricTime) : item.reference.Column();
  }

  void AddColumn(MetricStatement& statement, const GroupItem& item) const {
    const FoundElement& found = kinds_[static_cast<std::size_t>(&item - items_.data())];
    statement.columns.push_back({.name = OutputName(item), .kind = found.kind, .label = found.label});
  }

  /// The query of all sources, one row per group. `shift`: see SourceContext.
  Result<std::string> Select(const TimeRange& range, const std::string& shift) const {
    const SourceContext context{
        .graph = graph_,
        .items = items_,
        .range = range,
        .shift = shift,
        .compile_metric = [this](const std::string& metric, const std::vector<std::string>& group_by) {
          return MetricBy(metric, group_by);
        }};
    std::vector<std::string> sources;
    bool has_doubles = false;  // several rows of a source may be one group
    for (const LeafGroup& group : GroupLeaves(graph_, plan_.leaves)) {
      const std::string& type = group.leaves.front()->metric->info.type;
      SMELT_ASSIGN(std::string source, type == "cumulative"   ? CumulativeQuery(context, *group.leaves.front())
                                       : type == "conversion" ? ConversionQuery(context, *group.leaves.front())
                                                              : SourceQuery(context, group));
      has_doubles = has_doubles || type == "conversion";
      sources.push_back(std::move(source));
    }
    std::vector<std::string> columns;
    for (const GroupItem& item : items_) {
      columns.push_back(fmt::format("{} AS {}", item.column, engine::QuoteIdentifier(OutputName(item))));
    }
    for (const MetricColumnPlan& column : plan_.columns) {
      columns.push_back(fmt::format("{} AS {}", column.expression, engine::QuoteIdentifier(column.metric->info.name)));
    }
    std::string rows = sources.front();
    if (sources.size() > 1 || has_doubles) rows = Merged(sources);
    return fmt::format("SELECT {}\nFROM ({}) AS figures", fmt::join(columns, ", "), rows);
  }

  /// Sources side by side: what one of them does not have is missing. Groups are the same when all is, also missing.
  std::string Merged(const std::vector<std::string>& sources) const {
    std::vector<std::string> keys, columns;
    for (const GroupItem& item : items_) keys.push_back(item.column);
    columns = keys;
    for (const MetricLeaf& leaf : plan_.leaves) {
      columns.push_back(fmt::format("any_value({0}) AS {0}", leaf.column));
      if (leaf.metric->info.type == "conversion")
        columns.push_back(fmt::format("any_value({0}b) AS {0}b", leaf.column));
    }
    std::string all;
    for (const std::string& source : sources) {
      all += fmt::format("{}SELECT * FROM ({})", all.empty() ? "" : "\nUNION ALL BY NAME ", source);
    }
    const std::string group = keys.empty() ? "" : fmt::format("\nGROUP BY {}", fmt::join(keys, ", "));
    return fmt::format("SELECT {} FROM (\n{}\n) AS merged{}", fmt::join(columns, ", "), all, group);
  }

  Result<std::string> MetricBy(const std::string& metric, const std::vector<std::string>& group_by) const {
    MetricQuery query;
    query.metrics = {metric};
    query.group_by = group_by;
    query.order_by = {};
    QueryCompiler inner(graph_, query, depth_ + 1);
    SMELT_ASSIGN(const MetricStatement statement, inner.Compile());
    return "SELECT * FROM (" + statement.sql + ")";
  }

  /// Puts the figures of the earlier period beside those of each group.
  Status Compare(MetricStatement& statement) const {
    const auto grain = Finest();
    std::string shift = "interval 1 year";
    if (query_.compare == MetricComparison::kPreviousPeriod) {
      shift = grain ? fmt::format("interval 1 {}", GrainText(*grain)) : "";
    }
    if (!grain) {
      // Also checks that there is a period.
      SMELT_ASSIGN(const std::string length, LengthOfRange(query_.start, query_.end));
      if (shift.empty()) shift = length;
    }
    TimeRange before = range_;
    for (std::string* bound : {&before.begin, &before.end}) {
      if (!bound->empty()) *bound = fmt::format("({} - {})", *bound, shift);
    }
    const bool is_same = before.begin.empty() && before.end.empty() && !has_conditions_;
    SMELT_ASSIGN(const std::string earlier, Select(before, shift));
    std::vector<std::string> columns, keys;
    for (const GroupItem& item : items_) {
      const std::string name = engine::QuoteIdentifier(OutputName(item));
      columns.push_back("p." + name);
      const Reference& reference = item.reference;
      if (!reference.is_metric_time()) {
        keys.push_back(fmt::format("p.{0} IS NOT DISTINCT FROM e.{0}", name));
      } else if (reference.grain == grain) {
        keys.push_back(fmt::format("p.{0} - {1} = e.{0}", name, shift));
      }
    }
    std::vector<MetricColumn> added;
    for (const MetricColumnPlan& plan : plan_.columns) {
      const std::string& name = plan.metric->info.name;
      const std::string now = "p." + engine::QuoteIdentifier(name), then = "e." + engine::QuoteIdentifier(name);
      columns.push_back(now);
      columns.push_back(fmt::format("{} AS {}", then, engine::QuoteIdentifier(name + "__previous")));
      columns.push_back(fmt::format("{} - {} AS {}", now, then, engine::QuoteIdentifier(name + "__change")));
      columns.push_back(fmt::format("({} - {})::double / nullif(({})::double, 0) AS {}", now, then, then,
                                    engine::QuoteIdentifier(name + "__growth")));
    }
    statement.sql = fmt::format(
        "WITH present AS (\n{}\n), earlier AS (\n{}\n)\nSELECT {}\nFROM present AS p\nLEFT JOIN "
        "earlier AS e ON {}",
        statement.sql, is_same ? "SELECT * FROM present" : earlier, fmt::join(columns, ", "),
        keys.empty() ? "true" : fmt::format("{}", fmt::join(keys, " AND ")));
    for (const MetricColumn& column : statement.columns) {
      added.push_back(column);
      if (column.kind != "metric") continue;
      for (const auto& [suffix, label] :
           {std::pair("previous", "before"), std::pair("change", "change"), std::pair("growth", "growth")}) {
        added.push_back({.name = fmt::format("{}__{}", column.name, suffix),
                         .kind = "comparison",
                         .label = fmt::format("{}, {}", column.label, label)});
      }
    }
    statement.columns = std::move(added);
    return {};
  }

  Result<std::string> OrderBy(const MetricStatement& statement) const {
    std::vector<std::string> names, order;
    for (const MetricColumn& column : statement.columns) names.push_back(column.name);
    if (query_.order_by.empty() && depth_ == 0) {
      for (const GroupItem& item : items_) order.push_back(engine::QuoteIdentifier(OutputName(item)));
    }
    for (const std::string& text : query_.order_by) {
      const bool descends = text.starts_with('-');
      std::string name = descends ? text.substr(1) : text;
      if (name.contains('(')) {
        SMELT_ASSIGN(const Reference reference, ParseReference(name));
        name = reference.Column();
      }
      if (std::ranges::find(names, name) == names.end()) {
        // A time may be named without its grain.
        const auto item = std::ranges::find_if(items_, [&](const GroupItem& one) {
          return one.reference.Name() == name || one.reference.Column() == name;
        });
        if (item == items_.end()) return Fail(UnknownName("column of the answer", name, names));
        name = OutputName(*item);
      }
      order.push_back(engine::QuoteIdentifier(name) + (descends ? " DESC NULLS LAST" : ""));
    }
    return order.empty() ? "" : fmt::format("\nORDER BY {}", fmt::join(order, ", "));
  }

  const SemanticGraph& graph_;
  const MetricQuery& query_;
  int depth_;
  bool has_conditions_ = false;
  MetricPlan plan_;
  std::vector<GroupItem> items_;
  std::vector<FoundElement> kinds_;  ///< of the items, as the first metric has them
  TimeRange range_;
};

}  // namespace

Result<MetricStatement> CompileMetricQuery(const SemanticGraph& graph, const MetricQuery& query, int depth) {
  return QueryCompiler(graph, query, depth).Compile();
}

}  // namespace smelt::transform
