#include <fmt/format.h>

#include <duckdb/planner/expression_iterator.hpp>

#include "engine/internal/lineage/plan_trace.h"

namespace smelt::engine {
namespace {

using duckdb::Expression;
using duckdb::ExpressionClass;

/// Whether an expression raises an error: error('…'), cast to the type that is wanted.
bool IsError(const Expression& expression) {
  if (expression.GetExpressionClass() == ExpressionClass::BOUND_CAST) {
    return IsError(*expression.Cast<duckdb::BoundCastExpression>().child);
  }
  return expression.GetExpressionClass() == ExpressionClass::BOUND_FUNCTION &&
         expression.Cast<duckdb::BoundFunctionExpression>().function.name == "error";
}

/// The name of the part that struct_extract(s, key) takes; empty: not known.
std::string PartName(const duckdb::BoundFunctionExpression& function) {
  const auto& type = function.children[0]->return_type;
  if (type.id() != duckdb::LogicalTypeId::STRUCT || function.children.size() < 2) return "";
  if (function.children[1]->GetExpressionClass() != ExpressionClass::BOUND_CONSTANT) return "";
  const duckdb::Value& key = function.children[1]->Cast<duckdb::BoundConstantExpression>().value;
  if (key.IsNull()) return "";
  const auto& parts = duckdb::StructType::GetChildTypes(type);
  if (key.type().IsIntegral()) {
    const auto position = key.GetValue<std::int64_t>();
    const bool is_there = position >= 1 && position <= static_cast<std::int64_t>(parts.size());
    return is_there ? parts[static_cast<std::size_t>(position - 1)].first : "";
  }
  const std::string name = key.ToString();
  for (const auto& [own, own_type] : parts) {
    if (duckdb::StringUtil::CIEquals(own, name)) return own;
  }
  return "";
}

}  // namespace

void PlanTrace::CollectInto(SourceSet& sources, const duckdb::vector<duckdb::BoundOrderByNode>& orders) {
  for (const auto& order : orders) CollectInto(sources, *order.expression);
}

Dependence PlanTrace::Of(const Expression& expression) {
  switch (expression.GetExpressionClass()) {
    case ExpressionClass::BOUND_COLUMN_REF: return OfColumn(expression.Cast<duckdb::BoundColumnRefExpression>());
    case ExpressionClass::BOUND_CONSTANT:
    case ExpressionClass::BOUND_PARAMETER:
    case ExpressionClass::BOUND_DEFAULT:
    case ExpressionClass::BOUND_LAMBDA_REF: return {};
    case ExpressionClass::BOUND_CAST: return OfCast(expression.Cast<duckdb::BoundCastExpression>());
    case ExpressionClass::BOUND_FUNCTION: return OfFunction(expression.Cast<duckdb::BoundFunctionExpression>());
    case ExpressionClass::BOUND_CASE: return OfCase(expression.Cast<duckdb::BoundCaseExpression>());
    case ExpressionClass::BOUND_AGGREGATE:
      return OfAggregate(expression.Cast<duckdb::BoundAggregateExpression>(), false);
    case ExpressionClass::BOUND_WINDOW: return OfWindow(expression.Cast<duckdb::BoundWindowExpression>());
    case ExpressionClass::BOUND_REF:
    case ExpressionClass::BOUND_SUBQUERY:
      Note(fmt::format("the expression {}", expression.ToString()));
      return OfChildren(expression);
    default: return OfChildren(expression);
  }
}

Dependence PlanTrace::OfChildren(const Expression& expression) {
  Dependence value;
  duckdb::ExpressionIterator::EnumerateChildren(
      expression, [&](const Expression& child) { value.Add(Of(child), Derivation::kComputed); });
  return value;
}

Dependence PlanTrace::OfColumn(const duckdb::BoundColumnRefExpression& column) {
  if (column.depth > 0) Note(fmt::format("the reference to a query around it, {}", column.ToString()));
  return At(column.binding);
}

Dependence PlanTrace::OfCast(const duckdb::BoundCastExpression& cast) {
  const bool keeps = duckdb::BoundCastExpression::CastIsInvertible(cast.child->return_type, cast.return_type);
  Dependence value;
  value.Add(Of(*cast.child), keeps && !cast.try_cast ? Derivation::kCopy : Derivation::kComputed);
  return value;
}

Dependence PlanTrace::OfFunction(const duckdb::BoundFunctionExpression& function) {
  const std::string& name = function.function.name;
  const bool has_struct =
      !function.children.empty() && function.children[0]->return_type.id() == duckdb::LogicalTypeId::STRUCT;
  const bool takes_part = name == "struct_extract" || name == "struct_extract_at" || name == "array_extract";
  if (takes_part && has_struct) return OfPart(function);
  if (name == "struct_pack" || name == "row") return OfStruct(function);
  return OfChildren(function);
}

Dependence PlanTrace::OfPart(const duckdb::BoundFunctionExpression& function) {
  const std::string name = PartName(function);
  const Dependence whole = Of(*function.children[0]);
  if (name.empty()) return OfChildren(function);
  for (const auto& [own, part] : whole.fields) {
    if (own == name) return part;
  }
  Dependence part;
  part.influences = whole.influences;
  for (const auto& [id, derivation] : whole.values) {
    OriginColumn column = sources_.At(id);
    // What has been through an expression is no longer laid out as the column is.
    if (derivation == Derivation::kCopy) column.field += (column.field.empty() ? "" : ".") + name;
    part.values.emplace(sources_.Add(column), derivation);
  }
  return part;
}

Dependence PlanTrace::OfStruct(const duckdb::BoundFunctionExpression& function) {
  Dependence whole = OfChildren(function);
  if (function.return_type.id() != duckdb::LogicalTypeId::STRUCT) return whole;
  const auto& parts = duckdb::StructType::GetChildTypes(function.return_type);
  if (parts.size() != function.children.size()) return whole;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    whole.fields.push_back({parts[i].first, Of(*function.children[i])});
  }
  return whole;
}

Dependence PlanTrace::OfCase(const duckdb::BoundCaseExpression& expression) {
  // A branch that raises an error gives no value: what is left is the other one. Subqueries that may give one row only
  // are bound this way.
  if (expression.case_checks.size() == 1 && IsError(*expression.case_checks[0].then_expr)) {
    Dependence value = Of(*expression.else_expr);
    value.AddAsInfluence(Of(*expression.case_checks[0].when_expr));
    return value;
  }
  return OfChildren(expression);
}

Dependence PlanTrace::OfAggregate(const duckdb::BoundAggregateExpression& aggregate, bool keeps_first) {
  // The value of a subquery is the first() of its only row.
  const bool is_first = keeps_first && aggregate.function.name == "first";
  Dependence value;
  for (const auto& child : aggregate.children) {
    value.Add(Of(*child), is_first ? Derivation::kCopy : Derivation::kAggregated);
  }
  if (aggregate.filter) value.AddAsInfluence(Of(*aggregate.filter));
  if (aggregate.order_bys) CollectInto(value.influences, aggregate.order_bys->orders);
  return value;
}

Dependence PlanTrace::OfWindow(const duckdb::BoundWindowExpression& window) {
  Dependence value;
  const auto own = window.aggregate ? Derivation::kAggregated : Derivation::kComputed;
  for (const auto& child : window.children) value.Add(Of(*child), own);
  if (window.default_expr) value.Add(Of(*window.default_expr), Derivation::kComputed);
  for (const auto& partition : window.partitions) CollectInto(value.influences, *partition);
  CollectInto(value.influences, window.orders);
  CollectInto(value.influences, window.arg_orders);
  for (const auto* part : {&window.filter_expr, &window.start_expr, &window.end_expr, &window.offset_expr}) {
    if (*part) CollectInto(value.influences, **part);
  }
  return value;
}

}  // namespace smelt::engine
