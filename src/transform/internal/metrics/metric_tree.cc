#include "transform/internal/metrics/metric_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/ascii.h"
#include "transform/internal/metrics/sql_text.h"

namespace smelt::transform {
namespace {

/// What the use of a metric adds to it.
struct Use {
  std::vector<std::string> filters;
  std::optional<GrainWindow> offset_window;
  std::optional<Grain> offset_to_grain;
};

bool IsSameLeaf(const MetricLeaf& one, const MetricLeaf& other) {
  return one.metric == other.metric && one.filters == other.filters && one.offset_window == other.offset_window &&
         one.offset_to_grain == other.offset_to_grain;
}

class Planner {
 public:
  Planner(const SemanticGraph& graph, bool fills) : graph_(graph), fills_(fills) {}

  /// The metric as an expression over leaves.
  Result<std::string> Expand(const MetricDefinition& metric, const Use& use) {
    Use own = use;
    own.filters.insert(own.filters.begin(), metric.filters.begin(), metric.filters.end());
    if (metric.info.type == "ratio") return Ratio(metric, own);
    if (metric.info.type == "derived") return Derived(metric, own);
    return Leaf(metric, own);
  }

  std::vector<MetricLeaf> TakeLeaves() { return std::move(leaves_); }

 private:
  Result<std::string> Input(const MetricDefinition& parent, const MetricInput& input, const Use& use) {
    SMELT_ASSIGN(const MetricDefinition* metric, graph_.FindMetric(input.metric));
    Use inner = use;
    inner.filters.insert(inner.filters.begin(), input.filters.begin(), input.filters.end());
    const bool is_offset = input.offset_window || input.offset_to_grain;
    if (is_offset && (use.offset_window || use.offset_to_grain)) {
      return Fail(
          Error(ErrorCode::kMetricImpossible,
                fmt::format("'{}' moves '{}' in time, which what uses it does, too", parent.info.name, input.metric))
              .Hint("give one of the metrics an offset"));
    }
    if (is_offset) {
      inner.offset_window = input.offset_window;
      inner.offset_to_grain = input.offset_to_grain;
    }
    return Expand(*metric, inner);
  }

  Result<std::string> Ratio(const MetricDefinition& metric, const Use& use) {
    SMELT_ASSIGN(const std::string above, Input(metric, metric.inputs.at(0), use));
    SMELT_ASSIGN(const std::string below, Input(metric, metric.inputs.at(1), use));
    return fmt::format("(({})::double / nullif(({})::double, 0))", above, below);
  }

  Result<std::string> Derived(const MetricDefinition& metric, const Use& use) {
    std::map<std::string, std::string> inputs;
    for (const MetricInput& input : metric.inputs) {
      SMELT_ASSIGN(std::string expression, Input(metric, input, use));
      inputs.insert_or_assign(LowerAscii(input.alias), std::move(expression));
    }
    SMELT_TRY(CheckExpression(metric.expr));
    SMELT_ASSIGN(const auto pieces, SqlPieces(metric.expr));
    std::string sql;
    for (const SqlPiece& piece : pieces) {
      std::string name = LowerAscii(piece.text);
      if (name.size() > 1 && name.starts_with('"')) name = name.substr(1, name.size() - 2);
      const auto input = piece.kind == SqlPiece::Kind::kName ? inputs.find(name) : inputs.end();
      sql += input == inputs.end() ? std::string(piece.text) : fmt::format("({})", input->second);
    }
    return fmt::format("({}\n)", sql);
  }

  Result<std::string> Leaf(const MetricDefinition& metric, const Use& use) {
    MetricLeaf leaf{.metric = &metric,
                    .filters = use.filters,
                    .offset_window = use.offset_window,
                    .offset_to_grain = use.offset_to_grain,
                    .joins_spine = metric.measure.join_to_spine || fills_,
                    .fill = metric.measure.fill,
                    .column = {}};
    const std::vector<std::string>& own = metric.measure.filters;
    leaf.filters.insert(leaf.filters.begin(), own.begin(), own.end());
    if (fills_ && !leaf.fill && metric.info.type != "conversion") leaf.fill = "0";
    auto found = std::ranges::find_if(leaves_, [&](const MetricLeaf& other) { return IsSameLeaf(leaf, other); });
    if (found == leaves_.end()) {
      leaf.column = fmt::format("m{}", leaves_.size());
      leaves_.push_back(std::move(leaf));
      found = std::prev(leaves_.end());
    }
    if (metric.info.type == "conversion") return Conversion(metric, found->column);
    return found->fill ? fmt::format("coalesce({}, {})", found->column, *found->fill) : found->column;
  }

  /// Of a conversion, the leaf's column counts what was converted, that with an "b" behind it what could have been.
  static std::string Conversion(const MetricDefinition& metric, const std::string& column) {
    const auto filled = [](const std::string& name, const std::optional<std::string>& fill) {
      return fill ? fmt::format("coalesce({}, {})", name, *fill) : name;
    };
    const std::string converted = filled(column, metric.conversion.fill);
    if (!metric.is_rate) return converted;
    return fmt::format("(({})::double / nullif(({})::double, 0))", converted,
                       filled(column + "b", metric.measure.fill));
  }

  const SemanticGraph& graph_;
  bool fills_;
  std::vector<MetricLeaf> leaves_;
};

}  // namespace

Result<MetricPlan> PlanMetrics(const SemanticGraph& graph, const std::vector<std::string>& metrics,
                               const std::vector<std::string>& filters, bool fills) {
  Planner planner(graph, fills);
  MetricPlan plan;
  for (const std::string& name : metrics) {
    SMELT_ASSIGN(const MetricDefinition* metric, graph.FindMetric(name));
    SMELT_ASSIGN(std::string expression,
                 planner.Expand(*metric, {.filters = filters, .offset_window = {}, .offset_to_grain = {}}));
    plan.columns.push_back({.metric = metric, .expression = std::move(expression)});
  }
  plan.leaves = planner.TakeLeaves();
  return plan;
}

}  // namespace smelt::transform
