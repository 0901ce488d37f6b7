#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/internal/duck.h"
#include "engine/internal/lineage/dependence.h"

namespace smelt::engine {

/// Follows columns through one bound plan that no optimiser has seen. Confined to one thread and to the transaction
/// that the plan was made in.
class PlanTrace {
 public:
  /// `names` are those of the result's columns. Throws what DuckDB's classes throw, and kSqlUnsupported for plans that
  /// are nested too deeply.
  QueryLineage Trace(duckdb::LogicalOperator& plan, const duckdb::vector<std::string>& names,
                     const duckdb::vector<duckdb::LogicalType>& types);

 private:
  using Binding = std::pair<duckdb::idx_t, duckdb::idx_t>;
  /// A common table expression as those who refer to it see it.
  struct CommonTable {
    std::vector<Dependence> columns;
    SourceSet rows;
    bool operator==(const CommonTable&) const = default;
  };

  // -- operators (plan_trace.cc): each notes what its columns depend on, and returns what decides about its rows
  SourceSet Visit(duckdb::LogicalOperator& op);
  SourceSet VisitKind(duckdb::LogicalOperator& op);
  SourceSet VisitChildren(duckdb::LogicalOperator& op);
  SourceSet VisitProjection(duckdb::LogicalProjection& op);
  SourceSet VisitAggregate(duckdb::LogicalAggregate& op);
  SourceSet VisitWindow(duckdb::LogicalWindow& op);
  SourceSet VisitUnnest(duckdb::LogicalUnnest& op);
  SourceSet VisitDistinct(duckdb::LogicalDistinct& op);
  SourceSet VisitLimit(duckdb::LogicalLimit& op);
  SourceSet VisitPivot(duckdb::LogicalPivot& op);
  SourceSet VisitValues(duckdb::LogicalExpressionGet& op);
  SourceSet VisitOrders(duckdb::LogicalOperator& op, const duckdb::vector<duckdb::BoundOrderByNode>& orders);
  SourceSet VisitUnknown(duckdb::LogicalOperator& op);

  // -- where rows come from and come together (relation_trace.cc)
  SourceSet VisitGet(duckdb::LogicalGet& op);
  SourceSet VisitFunctionOfRows(duckdb::LogicalGet& op);
  SourceSet VisitComparisonJoin(duckdb::LogicalComparisonJoin& op);
  SourceSet VisitAnyJoin(duckdb::LogicalAnyJoin& op);
  SourceSet Join(duckdb::LogicalJoin& op, SourceSet left, const SourceSet& right, const Dependence& condition);
  SourceSet VisitDelimGet(duckdb::LogicalDelimGet& op);
  SourceSet VisitSetOperation(duckdb::LogicalSetOperation& op);
  SourceSet VisitRecursiveCte(duckdb::LogicalRecursiveCTE& op);
  SourceSet VisitMaterializedCte(duckdb::LogicalMaterializedCTE& op);
  SourceSet VisitCteRef(duckdb::LogicalCTERef& op);
  CommonTable TableOf(duckdb::LogicalOperator& op, SourceSet rows);

  // -- expressions (expression_trace.cc)
  Dependence Of(const duckdb::Expression& expression);
  Dependence OfColumn(const duckdb::BoundColumnRefExpression& column);
  Dependence OfCast(const duckdb::BoundCastExpression& cast);
  Dependence OfFunction(const duckdb::BoundFunctionExpression& function);
  Dependence OfPart(const duckdb::BoundFunctionExpression& function);
  Dependence OfStruct(const duckdb::BoundFunctionExpression& function);
  Dependence OfCase(const duckdb::BoundCaseExpression& expression);
  Dependence OfAggregate(const duckdb::BoundAggregateExpression& aggregate, bool keeps_first);
  Dependence OfWindow(const duckdb::BoundWindowExpression& window);
  Dependence OfChildren(const duckdb::Expression& expression);
  void CollectInto(SourceSet& sources, const duckdb::Expression& expression) { Of(expression).CollectInto(sources); }
  void CollectInto(SourceSet& sources, const duckdb::vector<duckdb::BoundOrderByNode>& orders);

  void Set(duckdb::idx_t table, duckdb::idx_t column, Dependence dependence);
  const Dependence& At(duckdb::ColumnBinding binding);
  void Note(std::string what) { untraced_.insert(std::move(what)); }

  SourceTable sources_;
  std::map<Binding, Dependence> columns_;
  std::map<duckdb::idx_t, CommonTable> common_tables_;
  std::vector<std::vector<Dependence>> delim_;  ///< the columns that the delim joins around hand to their right side
  std::set<std::string> untraced_;
  int depth_ = 0;
};

}  // namespace smelt::engine
