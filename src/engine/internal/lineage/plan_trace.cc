#include "engine/internal/lineage/plan_trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/internal/error_bridge.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalOperatorType;

/// Deeper plans would need more stack than a thread is sure to have.
constexpr int kDepthMax = 2'000;

/// The columns of a source in the order of names, not of ids.
std::vector<OriginColumn> Listed(const SourceSet& ids, const SourceTable& table) {
  std::vector<OriginColumn> columns;
  for (const SourceId id : ids) columns.push_back(table.At(id));
  std::ranges::sort(columns);
  return columns;
}

}  // namespace

QueryLineage PlanTrace::Trace(duckdb::LogicalOperator& plan, const duckdb::vector<std::string>& names,
                              const duckdb::vector<duckdb::LogicalType>& types) {
  const SourceSet rows = Visit(plan);
  const auto bindings = plan.GetColumnBindings();
  QueryLineage lineage;
  lineage.influences = Listed(rows, sources_);
  for (std::size_t i = 0; i < names.size(); ++i) {
    TracedColumn column{names[i], i < types.size() ? types[i].ToString() : "", {}, {}};
    const Dependence dependence = i < bindings.size() ? At(bindings[i]) : Dependence();
    SourceSet only;
    for (const SourceId id : dependence.influences) {
      if (!dependence.values.contains(id)) only.insert(id);
    }
    column.influences = Listed(only, sources_);
    for (const auto& [id, derivation] : dependence.values) column.sources.push_back({sources_.At(id), derivation});
    std::ranges::sort(column.sources);
    lineage.columns.push_back(std::move(column));
  }
  lineage.untraced.assign(untraced_.begin(), untraced_.end());
  return lineage;
}

void PlanTrace::Set(duckdb::idx_t table, duckdb::idx_t column, Dependence dependence) {
  columns_.insert_or_assign({table, column}, std::move(dependence));
}

const Dependence& PlanTrace::At(duckdb::ColumnBinding binding) {
  const auto found = columns_.find({binding.table_index, binding.column_index});
  if (found != columns_.end()) return found->second;
  Note(fmt::format("a column of the plan that nothing makes ({})", binding.ToString()));
  static const Dependence kNothing;
  return kNothing;
}

SourceSet PlanTrace::Visit(duckdb::LogicalOperator& op) {
  if (++depth_ > kDepthMax) {
    Throw(Error(ErrorCode::kSqlUnsupported, fmt::format("the query is nested more than {} steps deep", kDepthMax)));
  }
  SourceSet rows = VisitKind(op);
  --depth_;
  return rows;
}

SourceSet PlanTrace::VisitKind(duckdb::LogicalOperator& op) {
  switch (op.type) {
    case LogicalOperatorType::LOGICAL_PROJECTION: return VisitProjection(op.Cast<duckdb::LogicalProjection>());
    case LogicalOperatorType::LOGICAL_FILTER: {
      SourceSet rows = VisitChildren(op);
      for (const auto& condition : op.expressions) CollectInto(rows, *condition);
      return rows;
    }
    case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
      return VisitAggregate(op.Cast<duckdb::LogicalAggregate>());
    case LogicalOperatorType::LOGICAL_WINDOW: return VisitWindow(op.Cast<duckdb::LogicalWindow>());
    case LogicalOperatorType::LOGICAL_UNNEST: return VisitUnnest(op.Cast<duckdb::LogicalUnnest>());
    case LogicalOperatorType::LOGICAL_LIMIT: return VisitLimit(op.Cast<duckdb::LogicalLimit>());
    case LogicalOperatorType::LOGICAL_ORDER_BY: return VisitOrders(op, op.Cast<duckdb::LogicalOrder>().orders);
    case LogicalOperatorType::LOGICAL_TOP_N: return VisitOrders(op, op.Cast<duckdb::LogicalTopN>().orders);
    case LogicalOperatorType::LOGICAL_DISTINCT: return VisitDistinct(op.Cast<duckdb::LogicalDistinct>());
    case LogicalOperatorType::LOGICAL_PIVOT: return VisitPivot(op.Cast<duckdb::LogicalPivot>());
    case LogicalOperatorType::LOGICAL_GET: return VisitGet(op.Cast<duckdb::LogicalGet>());
    case LogicalOperatorType::LOGICAL_DELIM_GET: return VisitDelimGet(op.Cast<duckdb::LogicalDelimGet>());
    case LogicalOperatorType::LOGICAL_EXPRESSION_GET: return VisitValues(op.Cast<duckdb::LogicalExpressionGet>());
    case LogicalOperatorType::LOGICAL_CTE_REF: return VisitCteRef(op.Cast<duckdb::LogicalCTERef>());
    case LogicalOperatorType::LOGICAL_DELIM_JOIN:
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
    case LogicalOperatorType::LOGICAL_ASOF_JOIN: return VisitComparisonJoin(op.Cast<duckdb::LogicalComparisonJoin>());
    case LogicalOperatorType::LOGICAL_ANY_JOIN: return VisitAnyJoin(op.Cast<duckdb::LogicalAnyJoin>());
    case LogicalOperatorType::LOGICAL_UNION:
    case LogicalOperatorType::LOGICAL_EXCEPT:
    case LogicalOperatorType::LOGICAL_INTERSECT: return VisitSetOperation(op.Cast<duckdb::LogicalSetOperation>());
    case LogicalOperatorType::LOGICAL_RECURSIVE_CTE: return VisitRecursiveCte(op.Cast<duckdb::LogicalRecursiveCTE>());
    case LogicalOperatorType::LOGICAL_MATERIALIZED_CTE:
      return VisitMaterializedCte(op.Cast<duckdb::LogicalMaterializedCTE>());
    case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
    case LogicalOperatorType::LOGICAL_POSITIONAL_JOIN:
    case LogicalOperatorType::LOGICAL_SAMPLE: return VisitChildren(op);
    case LogicalOperatorType::LOGICAL_DUMMY_SCAN:
    case LogicalOperatorType::LOGICAL_EMPTY_RESULT:
    case LogicalOperatorType::LOGICAL_CHUNK_GET:
      for (const auto& binding : op.GetColumnBindings()) Set(binding.table_index, binding.column_index, {});
      return {};
    default: return VisitUnknown(op);
  }
}

SourceSet PlanTrace::VisitChildren(duckdb::LogicalOperator& op) {
  SourceSet rows;
  for (const auto& child : op.children) rows.merge(Visit(*child));
  return rows;
}

SourceSet PlanTrace::VisitProjection(duckdb::LogicalProjection& op) {
  SourceSet rows = VisitChildren(op);
  for (std::size_t i = 0; i < op.expressions.size(); ++i) Set(op.table_index, i, Of(*op.expressions[i]));
  return rows;
}

SourceSet PlanTrace::VisitAggregate(duckdb::LogicalAggregate& op) {
  SourceSet rows = VisitChildren(op);
  SourceSet keys;
  for (std::size_t i = 0; i < op.groups.size(); ++i) {
    Dependence group = Of(*op.groups[i]);
    group.CollectInto(keys);
    Set(op.group_index, i, std::move(group));
  }
  // One row comes out of an aggregate over everything, whatever goes in: what decides about the rows that go in
  // decides about the values only.
  const bool is_whole = op.groups.empty();
  for (std::size_t i = 0; i < op.expressions.size(); ++i) {
    const bool is_aggregate = op.expressions[i]->GetExpressionClass() == duckdb::ExpressionClass::BOUND_AGGREGATE;
    Dependence value = is_aggregate ? OfAggregate(op.expressions[i]->Cast<duckdb::BoundAggregateExpression>(), is_whole)
                                    : Of(*op.expressions[i]);
    if (is_whole) value.Influence(rows);
    Set(op.aggregate_index, i, std::move(value));
  }
  for (std::size_t i = 0; i < op.grouping_functions.size(); ++i) Set(op.groupings_index, i, {});
  if (is_whole) return {};
  rows.merge(keys);
  return rows;
}

SourceSet PlanTrace::VisitWindow(duckdb::LogicalWindow& op) {
  SourceSet rows = VisitChildren(op);
  for (std::size_t i = 0; i < op.expressions.size(); ++i) Set(op.window_index, i, Of(*op.expressions[i]));
  return rows;
}

SourceSet PlanTrace::VisitUnnest(duckdb::LogicalUnnest& op) {
  SourceSet rows = VisitChildren(op);
  for (std::size_t i = 0; i < op.expressions.size(); ++i) {
    Dependence value = Of(*op.expressions[i]);
    value.CollectInto(rows);  // the length of the list is the number of rows
    Set(op.unnest_index, i, std::move(value));
  }
  return rows;
}

SourceSet PlanTrace::VisitDistinct(duckdb::LogicalDistinct& op) {
  SourceSet rows = VisitChildren(op);
  for (const auto& target : op.distinct_targets) CollectInto(rows, *target);
  if (op.order_by) CollectInto(rows, op.order_by->orders);
  return rows;
}

SourceSet PlanTrace::VisitLimit(duckdb::LogicalLimit& op) {
  SourceSet rows = VisitChildren(op);
  for (const auto* limit : {&op.limit_val, &op.offset_val}) {
    const bool is_expression = limit->Type() == duckdb::LimitNodeType::EXPRESSION_VALUE ||
                               limit->Type() == duckdb::LimitNodeType::EXPRESSION_PERCENTAGE;
    if (!is_expression) continue;
    CollectInto(rows, limit->Type() == duckdb::LimitNodeType::EXPRESSION_VALUE ? limit->GetValueExpression()
                                                                               : limit->GetPercentageExpression());
  }
  return rows;
}

SourceSet PlanTrace::VisitOrders(duckdb::LogicalOperator& op, const duckdb::vector<duckdb::BoundOrderByNode>& orders) {
  SourceSet rows = VisitChildren(op);
  CollectInto(rows, orders);
  return rows;
}

SourceSet PlanTrace::VisitPivot(duckdb::LogicalPivot& op) {
  SourceSet rows = VisitChildren(op);
  const auto inputs = op.children[0]->GetColumnBindings();
  const auto outputs = op.GetColumnBindings();
  Dependence pivoted;
  for (std::size_t i = op.bound_pivot.group_count; i < inputs.size(); ++i) {
    pivoted.Add(At(inputs[i]), Derivation::kAggregated);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const bool is_group = i < op.bound_pivot.group_count && i < inputs.size();
    Set(outputs[i].table_index, outputs[i].column_index, is_group ? At(inputs[i]) : pivoted);
  }
  return rows;
}

SourceSet PlanTrace::VisitValues(duckdb::LogicalExpressionGet& op) {
  SourceSet rows = VisitChildren(op);
  for (std::size_t column = 0; column < op.expr_types.size(); ++column) {
    Dependence value;
    for (const auto& row : op.expressions) {
      if (column < row.size()) value.Add(Of(*row[column]), Derivation::kCopy);
    }
    Set(op.table_index, column, std::move(value));
  }
  return rows;
}

SourceSet PlanTrace::VisitUnknown(duckdb::LogicalOperator& op) {
  Note(fmt::format("the step {}", op.GetName()));
  SourceSet rows = VisitChildren(op);
  Dependence everything;
  for (const auto& child : op.children) {
    for (const auto& binding : child->GetColumnBindings()) everything.Add(At(binding), Derivation::kComputed);
  }
  everything.CollectInto(rows);
  for (const auto& binding : op.GetColumnBindings()) {
    if (!columns_.contains({binding.table_index, binding.column_index})) {
      Set(binding.table_index, binding.column_index, everything);
    }
  }
  return rows;
}

}  // namespace smelt::engine
