#include "engine/internal/lookup/lookup_question.h"

#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/result_modifier.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/basetableref.hpp>
#include <utility>

namespace smelt::engine {
namespace {

using duckdb::ExpressionClass;
using duckdb::ParsedExpression;

/// Reads the parts of one statement; each step says whether it is still a lookup.
class Reader {
 public:
  explicit Reader(const duckdb::SQLStatement& statement) : statement_(statement) {}

  bool Read() {
    if (statement_.type != duckdb::StatementType::SELECT_STATEMENT) return false;
    const duckdb::QueryNode& node = *statement_.Cast<duckdb::SelectStatement>().node;
    if (node.type != duckdb::QueryNodeType::SELECT_NODE || !node.cte_map.map.empty()) return false;
    const auto& select = node.Cast<duckdb::SelectNode>();
    const bool is_plain = select.groups.grouping_sets.empty() && !select.having && !select.qualify && !select.sample &&
                          select.aggregate_handling == duckdb::AggregateHandling::STANDARD_HANDLING;
    return is_plain && select.from_table && select.where_clause && ReadTable(*select.from_table) &&
           ReadColumns(select) && ReadCondition(*select.where_clause) && ReadModifiers(node);
  }

  LookupQuestion question;

 private:
  bool ReadTable(const duckdb::TableRef& ref) {
    if (ref.type != duckdb::TableReferenceType::BASE_TABLE || ref.sample || !ref.column_name_alias.empty())
      return false;
    const auto& base = ref.Cast<duckdb::BaseTableRef>();
    if (base.at_clause) return false;
    question.catalog = base.catalog_name;
    question.schema = base.schema_name;
    question.table = base.table_name;
    qualifier_ = base.alias.empty() ? base.table_name : base.alias;
    return true;
  }

  std::optional<std::string> ColumnOf(const ParsedExpression& expression) const {
    if (expression.GetExpressionClass() != ExpressionClass::COLUMN_REF) return std::nullopt;
    const auto& names = expression.Cast<duckdb::ColumnRefExpression>().column_names;
    if (names.size() == 1) return names[0];
    if (names.size() == 2 && duckdb::StringUtil::CIEquals(names[0], qualifier_)) return names[1];
    return std::nullopt;
  }

  bool ReadColumns(const duckdb::SelectNode& select) {
    if (select.select_list.size() == 1 && select.select_list[0]->ToString() == "*") return true;
    for (const auto& expression : select.select_list) {
      auto name = ColumnOf(*expression);
      if (!name) return false;
      question.columns.push_back({*std::move(name), expression->GetAlias()});
    }
    return true;
  }

  bool ReadCondition(const ParsedExpression& condition) {
    if (condition.GetExpressionType() == duckdb::ExpressionType::CONJUNCTION_AND) {
      for (const auto& part : condition.Cast<duckdb::ConjunctionExpression>().children) {
        if (!ReadCondition(*part)) return false;
      }
      return true;
    }
    if (condition.GetExpressionType() != duckdb::ExpressionType::COMPARE_EQUAL) return false;
    const auto& comparison = condition.Cast<duckdb::ComparisonExpression>();
    return ReadKey(*comparison.left, *comparison.right) || ReadKey(*comparison.right, *comparison.left);
  }

  bool ReadKey(const ParsedExpression& column, const ParsedExpression& value) {
    auto name = ColumnOf(column);
    if (!name) return false;
    LookupQuestion::Key key{
        .column = *std::move(name), .parameter = {}, .constant = duckdb::Value(), .cast = duckdb::LogicalType::INVALID};
    if (!ReadValue(value, key)) return false;
    question.keys.push_back(std::move(key));
    return true;
  }

  bool ReadValue(const ParsedExpression& value, LookupQuestion::Key& key) const {
    switch (value.GetExpressionClass()) {
      case ExpressionClass::CONSTANT: key.constant = value.Cast<duckdb::ConstantExpression>().value; return true;
      case ExpressionClass::PARAMETER: {
        const auto& parameters = statement_.named_param_map;
        const auto found = parameters.find(value.Cast<duckdb::ParameterExpression>().identifier);
        if (found == parameters.end()) return false;
        key.parameter = found->second - 1;
        return true;
      }
      case ExpressionClass::CAST: {
        const auto& cast = value.Cast<duckdb::CastExpression>();
        if (cast.try_cast || key.cast != duckdb::LogicalType::INVALID) return false;
        key.cast = cast.cast_type.IsUnbound() ? duckdb::UnboundType::TryDefaultBind(cast.cast_type) : cast.cast_type;
        return key.cast != duckdb::LogicalType::INVALID && ReadValue(*cast.child, key);
      }
      default: return false;
    }
  }

  bool ReadModifiers(const duckdb::QueryNode& node) {
    for (const auto& modifier : node.modifiers) {
      if (modifier->type != duckdb::ResultModifierType::LIMIT_MODIFIER || question.rows_max) return false;
      const auto& limit = modifier->Cast<duckdb::LimitModifier>();
      if (limit.offset || !limit.limit || limit.limit->GetExpressionClass() != ExpressionClass::CONSTANT) return false;
      const duckdb::Value& value = limit.limit->Cast<duckdb::ConstantExpression>().value;
      if (value.IsNull() || !value.type().IsIntegral() || value.GetValue<std::int64_t>() < 0) return false;
      question.rows_max = static_cast<duckdb::idx_t>(value.GetValue<std::int64_t>());
    }
    return true;
  }

  const duckdb::SQLStatement& statement_;
  std::string qualifier_;
};

}  // namespace

std::optional<LookupQuestion> LookupQuestionOf(const duckdb::SQLStatement& statement) {
  Reader reader(statement);
  if (!reader.Read()) return std::nullopt;
  return std::move(reader.question);
}

}  // namespace smelt::engine
