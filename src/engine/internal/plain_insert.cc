#include "engine/internal/plain_insert.h"

#include <algorithm>
#include <duckdb/parser/expression/function_expression.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/insert_statement.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/expressionlistref.hpp>
#include <duckdb/parser/tableref/table_function_ref.hpp>

namespace smelt::engine {
namespace {

using Expressions = duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>>;

/// Aggregates do no harm: they are planned as well without the optimizer.
bool AreOfOneRow(const Expressions& expressions) {
  return std::ranges::none_of(
      expressions, [](const auto& expression) { return expression->HasSubquery() || expression->IsWindow(); });
}

bool CountsOut(const duckdb::TableRef& from) {
  if (from.type != duckdb::TableReferenceType::TABLE_FUNCTION || from.sample) return false;
  const auto& call = *from.Cast<duckdb::TableFunctionRef>().function;
  if (call.GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return false;
  const auto& function = call.Cast<duckdb::FunctionExpression>();
  return (function.function_name == "range" || function.function_name == "generate_series") &&
         AreOfOneRow(function.children);
}

bool IsPlainSource(const duckdb::TableRef& from) {
  if (from.type == duckdb::TableReferenceType::EMPTY_FROM) return true;
  if (from.type != duckdb::TableReferenceType::EXPRESSION_LIST) return CountsOut(from);
  return std::ranges::all_of(from.Cast<duckdb::ExpressionListRef>().values, AreOfOneRow);
}

}  // namespace

bool IsPlainInsert(const duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::INSERT_STATEMENT) return false;
  const auto& insert = statement.Cast<duckdb::InsertStatement>();
  if (!insert.select_statement || !insert.cte_map.map.empty()) return false;
  const duckdb::QueryNode& query = *insert.select_statement->node;
  if (query.type != duckdb::QueryNodeType::SELECT_NODE || !query.modifiers.empty() || !query.cte_map.map.empty()) {
    return false;
  }
  const auto& select = query.Cast<duckdb::SelectNode>();
  const bool chooses = select.where_clause || select.having || select.qualify || select.sample ||
                       !select.groups.grouping_sets.empty() || !select.groups.group_expressions.empty();
  return !chooses && AreOfOneRow(select.select_list) && IsPlainSource(*select.from_table);
}

WithoutOptimizer::WithoutOptimizer(duckdb::ClientContext& context)
    : config_(duckdb::ClientConfig::GetConfig(context)), before_(config_.enable_optimizer) {
  config_.enable_optimizer = false;
}

WithoutOptimizer::~WithoutOptimizer() {
  config_.enable_optimizer = before_;
}

}  // namespace smelt::engine
