#include "engine/internal/postgres_dialect/postgres_dialect.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <duckdb/catalog/default/default_table_functions.hpp>
#include <duckdb/parser/expression/type_expression.hpp>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <duckdb/parser/query_node/list.hpp>
#include <duckdb/parser/statement/list.hpp>
#include <duckdb/parser/tableref/list.hpp>
#include <string_view>

#include "engine/internal/postgres_dialect/aggregates.h"
#include "engine/internal/postgres_dialect/arithmetic.h"
#include "engine/internal/postgres_dialect/constants.h"
#include "engine/internal/postgres_dialect/conversions.h"
#include "engine/internal/postgres_dialect/format_text.h"
#include "engine/internal/postgres_dialect/variance.h"

namespace smelt::engine {
namespace {

using duckdb::ExpressionClass;
using duckdb::LogicalType;
using duckdb::ParsedExpression;
using duckdb::StatementType;
using duckdb::unique_ptr;

using Pointer = unique_ptr<ParsedExpression>;

template <std::size_t kSize>
bool IsOneOf(std::string_view name, const std::array<std::string_view, kSize>& names) {
  return std::ranges::find(names, name) != names.end();
}

/// Functions and operators of so many arguments that have one of the dialect's in their place.
struct Own {
  std::string_view name;
  std::size_t arguments_min, arguments_max;
  std::string_view of_dialect;
};
constexpr std::array kOwn = {
    Own{"+", 2, 2, "+@"},
    Own{"-", 2, 2, "-@"},
    Own{"*", 2, 2, "*@"},
    Own{"/", 2, 2, "/@"},
    Own{"%", 2, 2, "%@"},
    Own{"mod", 2, 2, "%@"},
    Own{"||", 2, 2, "||@"},
    Own{"sum", 1, 1, "sum@"},
    Own{"avg", 1, 1, "avg@"},
    Own{"stddev", 1, 1, "stddev@"},
    Own{"stddev_samp", 1, 1, "stddev_samp@"},
    Own{"stddev_pop", 1, 1, "stddev_pop@"},
    Own{"variance", 1, 1, "variance@"},
    Own{"var_samp", 1, 1, "var_samp@"},
    Own{"var_pop", 1, 1, "var_pop@"},
    Own{"round", 1, 2, "round@"},
    Own{"floor", 1, 1, "floor@"},
    Own{"ceil", 1, 1, "ceil@"},
    Own{"ceiling", 1, 1, "ceil@"},
    Own{"trunc", 1, 2, "trunc@"},
    Own{"sign", 1, 1, "sign@"},
    Own{"octet_length", 1, 1, "octet_length@"},
    Own{"length", 1, 1, "length@"},
    Own{"format", 1, SIZE_MAX, "format@"},
    Own{"lpad", 2, 2, "lpad@"},
    Own{"rpad", 2, 2, "rpad@"},
    Own{"array_to_string", 3, 3, "array_to_string@"},
    Own{"array_length", 2, 2, "array_length@"},
    Own{"date_trunc", 3, 3, "date_trunc_in@"},
    Own{"generate_series", 2, 3, "generate_series@"},
    Own{"date_trunc", 2, 2, "date_trunc@"},
    Own{"date_part", 2, 2, "date_part@"},
    Own{"regexp_matches", 2, 3, "regexp_matches@"},
};

/// Those of them that may stand over a window.
constexpr std::array<std::string_view, 8> kOverWindows = {"sum",        "avg",      "stddev",   "stddev_samp",
                                                          "stddev_pop", "variance", "var_samp", "var_pop"};
/// Functions whose results are of type integer there.
constexpr std::array<std::string_view, 10> kIntegers = {
    "char_length", "character_length", "bit_length",     "strpos", "position", "instr",
    "ascii",       "cardinality",      "array_position", "ntile"};
/// Functions that give NULL there where the engine gives not-a-number.
constexpr std::array<std::string_view, 4> kWithoutNan = {"corr", "regr_slope", "regr_intercept", "regr_r2"};
/// Functions that write their arguments.
constexpr std::array<std::string_view, 2> kWriters = {"concat", "concat_ws"};

Pointer CallOf(const char* name, Pointer argument) {
  duckdb::vector<Pointer> arguments;
  arguments.push_back(std::move(argument));
  return duckdb::make_uniq<duckdb::FunctionExpression>(name, std::move(arguments));
}

/// Puts what `wrap` makes of an expression in its place; it keeps its name and its place in the text.
template <typename Wrap>
void Replace(Pointer& expression, const Wrap& wrap) {
  const std::string alias = expression->GetAlias();
  const auto location = expression->GetQueryLocation();
  expression->ClearAlias();
  expression = wrap(std::move(expression));
  expression->SetAlias(alias);
  expression->SetQueryLocation(location);
}

void CastToInteger(Pointer& expression) {
  Replace(expression, [](Pointer inner) -> Pointer {
    return duckdb::make_uniq<duckdb::CastExpression>(LogicalType::INTEGER, std::move(inner));
  });
}

bool IsLiteral(const ParsedExpression& expression, LogicalType type) {
  return expression.GetExpressionClass() == ExpressionClass::CONSTANT &&
         expression.Cast<duckdb::ConstantExpression>().value.type() == type;
}

/// Whether a function is one of the engine's by its schema: the grammar's own constructs are of main. Those of other
/// schemas are somebody's own.
bool IsOfEngine(const std::string& schema) {
  return schema.empty() || schema == DEFAULT_SCHEMA || schema == "pg_catalog";
}

/// The number of characters that varchar(3) keeps; nothing for types without.
Pointer LengthOf(const LogicalType& type) {
  const auto& expression = duckdb::UnboundType::GetTypeExpression(type);
  if (!expression || expression->GetExpressionClass() != ExpressionClass::TYPE) return nullptr;
  const auto& named = expression->Cast<duckdb::TypeExpression>();
  if (named.GetChildren().size() != 1) return nullptr;
  const Pointer& length = named.GetChildren()[0];
  return length->GetExpressionClass() == ExpressionClass::CONSTANT ? length->Copy() : nullptr;
}

/// A cast as a call, with NULL of its type.
Pointer AsNumeric(Pointer expression) {
  auto& cast = expression->Cast<duckdb::CastExpression>();
  Pointer call = CallOf("numeric@", std::move(cast.child));
  cast.child = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value());
  call->Cast<duckdb::FunctionExpression>().children.push_back(std::move(expression));
  return call;
}

class Rewriter {
 public:
  void Statement(duckdb::SQLStatement& statement);

 private:
  void Node(duckdb::QueryNode& node) {
    duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(
        node, [this](Pointer& child) { Expression(child); }, [](duckdb::TableRef& ref) { Relation(ref); });
  }
  void Relation(unique_ptr<duckdb::TableRef>& ref) {
    if (!ref) return;
    duckdb::ParsedExpressionIterator::EnumerateTableRefChildren(
        *ref, [this](Pointer& child) { Expression(child); }, [](duckdb::TableRef& inner) { Relation(inner); });
  }
  void Tables(duckdb::CommonTableExpressionMap& map) {
    for (auto& [name, table] : map.map) {
      if (table->query) Node(*table->query->node);
    }
  }
  void All(duckdb::vector<Pointer>& expressions) {
    for (auto& expression : expressions) Expression(expression);
  }
  void Set(unique_ptr<duckdb::UpdateSetInfo>& info) {
    if (!info) return;
    Expression(info->condition);
    All(info->expressions);
  }

  static void Relation(duckdb::TableRef& ref);
  void Expression(Pointer& expression);
  static void Function(Pointer& expression);
  static void Window(Pointer& expression);
  static void Cast(Pointer& expression);
  void Insert(duckdb::InsertStatement& insert);
  void Merge(duckdb::MergeIntoStatement& merge);
};

void Rewriter::Statement(duckdb::SQLStatement& statement) {
  switch (statement.type) {
    case StatementType::SELECT_STATEMENT: return Node(*statement.Cast<duckdb::SelectStatement>().node);
    case StatementType::EXPLAIN_STATEMENT: return Statement(*statement.Cast<duckdb::ExplainStatement>().stmt);
    case StatementType::INSERT_STATEMENT: return Insert(statement.Cast<duckdb::InsertStatement>());
    case StatementType::MERGE_INTO_STATEMENT: return Merge(statement.Cast<duckdb::MergeIntoStatement>());
    case StatementType::UPDATE_STATEMENT: {
      auto& update = statement.Cast<duckdb::UpdateStatement>();
      Tables(update.cte_map);
      Relation(update.from_table);
      Set(update.set_info);
      return All(update.returning_list);
    }
    case StatementType::DELETE_STATEMENT: {
      auto& deletion = statement.Cast<duckdb::DeleteStatement>();
      Tables(deletion.cte_map);
      for (auto& ref : deletion.using_clauses) Relation(ref);
      Expression(deletion.condition);
      return All(deletion.returning_list);
    }
    case StatementType::CREATE_STATEMENT: {
      auto& create = statement.Cast<duckdb::CreateStatement>();
      if (create.info->type != duckdb::CatalogType::TABLE_ENTRY) return;
      auto& table = create.info->Cast<duckdb::CreateTableInfo>();
      if (table.query) Node(*table.query->node);
      return;
    }
    default: return;
  }
}

void Rewriter::Insert(duckdb::InsertStatement& insert) {
  Tables(insert.cte_map);
  if (insert.GetValuesList()) {
    // Its columns are those of the table.
    auto& from = insert.select_statement->node->Cast<duckdb::SelectNode>().from_table;
    for (auto& row : from->Cast<duckdb::ExpressionListRef>().values) All(row);
  } else if (insert.select_statement) {
    Node(*insert.select_statement->node);
  }
  All(insert.returning_list);
  if (!insert.on_conflict_info) return;
  Set(insert.on_conflict_info->set_info);
  Expression(insert.on_conflict_info->condition);
}

void Rewriter::Merge(duckdb::MergeIntoStatement& merge) {
  Tables(merge.cte_map);
  Relation(merge.source);
  Expression(merge.join_condition);
  for (auto& [when, actions] : merge.actions) {
    for (auto& action : actions) {
      Expression(action->condition);
      Set(action->update_info);
      All(action->expressions);
    }
  }
  All(merge.returning_list);
}

/// Functions in FROM that are others for the engine.
void RewriteRows(duckdb::TableFunctionRef& call, duckdb::FunctionExpression& function) {
  const bool has_numbers = call.with_ordinality == duckdb::OrdinalityType::WITH_ORDINALITY;
  const std::string name = duckdb::StringUtil::Lower(function.function_name);
  if (name == "generate_series@") {
    // It was taken for the scalar one.
    const bool is_small =
        function.children.size() == 2 && std::ranges::all_of(function.children, [](const Pointer& child) {
          return IsLiteral(*child, LogicalType::INTEGER);
        });
    function.function_name = is_small ? "integer_series@" : "generate_series";
  } else if (name == "json_each") {
    function.function_name = "json_each@";
  } else if (name == "unnest" && !has_numbers && function.children.size() > 1) {
    if (function.children.size() == 2) function.function_name = "unnest_two@";
    if (function.children.size() == 3) function.function_name = "unnest_three@";
  } else if (has_numbers && name.contains("_array_elements") && function.children.size() == 1) {
    // The engine's macros do not count their rows.
    Pointer elements = CallOf(name.ends_with("_text") ? "json_extract_string" : "json_extract", nullptr);
    auto& arguments = elements->Cast<duckdb::FunctionExpression>().children;
    arguments[0] = std::exchange(function.children[0], nullptr);
    arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value("$[*]")));
    function.children[0] = std::move(elements);
    function.function_name = "unnest";
    if (call.column_name_alias.empty()) call.column_name_alias = {"value", "ordinality"};
  }
}

/// The columns of VALUES are column1, column2 …; generate_series of integers gives such.
void Rewriter::Relation(duckdb::TableRef& ref) {
  if (ref.type == duckdb::TableReferenceType::EXPRESSION_LIST) {
    auto& list = ref.Cast<duckdb::ExpressionListRef>();
    if (list.values.empty() || !list.expected_names.empty()) return;
    for (std::size_t i = 1; i <= list.values[0].size(); ++i)
      list.expected_names.push_back("column" + std::to_string(i));
  }
  if (ref.type != duckdb::TableReferenceType::TABLE_FUNCTION) return;
  auto& call = ref.Cast<duckdb::TableFunctionRef>();
  if (call.function->GetExpressionClass() != ExpressionClass::FUNCTION) return;
  RewriteRows(call, call.function->Cast<duckdb::FunctionExpression>());
}

void Rewriter::Expression(Pointer& expression) {
  if (!expression) return;
  duckdb::ParsedExpressionIterator::EnumerateChildren(*expression, [this](Pointer& child) { Expression(child); });
  switch (expression->GetExpressionClass()) {
    case ExpressionClass::FUNCTION: return Function(expression);
    case ExpressionClass::WINDOW: return Window(expression);
    case ExpressionClass::CAST: return Cast(expression);
    case ExpressionClass::CONSTANT: return postgres::RewriteNumber(expression->Cast<duckdb::ConstantExpression>());
    case ExpressionClass::SUBQUERY: {
      auto& query = expression->Cast<duckdb::SubqueryExpression>();
      if (query.subquery) Node(*query.subquery->node);
      return;
    }
    case ExpressionClass::OPERATOR:
      if (expression->GetExpressionType() == duckdb::ExpressionType::GROUPING_FUNCTION) CastToInteger(expression);
      return;
    default: return;
  }
}

void Rewriter::Function(Pointer& expression) {
  auto& function = expression->Cast<duckdb::FunctionExpression>();
  if (!IsOfEngine(function.schema)) return;
  const std::string name = duckdb::StringUtil::Lower(function.function_name);
  const std::size_t count = function.children.size();
  const auto own = std::ranges::find_if(kOwn, [&](const Own& entry) {
    return entry.name == name && count >= entry.arguments_min && count <= entry.arguments_max;
  });
  if (own != kOwn.end()) {
    if (name == "generate_series") postgres::RewriteSeries(function);
    function.function_name = own->of_dialect;
    return;
  }
  if (IsOneOf(name, kIntegers)) return CastToInteger(expression);
  if (IsOneOf(name, kWithoutNan)) {
    return Replace(expression, [](Pointer inner) { return CallOf("smelt_present", std::move(inner)); });
  }
  if (IsOneOf(name, kWriters)) {
    for (auto& child : function.children) {
      child = CallOf("written@", std::move(child));
    }
  } else if (name == "quantile_cont" && function.order_bys && function.order_bys->orders.size() == 1) {
    Pointer& value = function.order_bys->orders[0].expression;
    value = CallOf("double@", std::move(value));
  } else if (name == "substring" && count == 2 && IsLiteral(*function.children[1], LogicalType::VARCHAR)) {
    function.function_name = "regexp_match";
    Replace(expression, [](Pointer inner) {
      Pointer call = CallOf("array_extract", std::move(inner));
      auto& arguments = call->Cast<duckdb::FunctionExpression>().children;
      arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::INTEGER(1)));
      return call;
    });
  } else if (name == "sha256" && count == 1) {
    Replace(expression, [](Pointer inner) { return CallOf("unhex", std::move(inner)); });
  } else if (name == "to_hex") {
    Replace(expression, [](Pointer inner) { return CallOf("lower", std::move(inner)); });
  } else if (name == "regexp_full_match" && count == 2) {
    // SIMILAR TO: what `~` becomes at this door is another function.
    postgres::RewriteSimilarPattern(function);
  }
}

void Rewriter::Window(Pointer& expression) {
  auto& window = expression->Cast<duckdb::WindowExpression>();
  if (!IsOfEngine(window.schema)) return;
  const std::string name = duckdb::StringUtil::Lower(window.function_name);
  if (window.children.size() == 1 && IsOneOf(name, kOverWindows)) window.function_name = name + "@";
  if (name == "ntile") CastToInteger(expression);
  if (IsOneOf(name, kWithoutNan)) {
    Replace(expression, [](Pointer inner) { return CallOf("smelt_present", std::move(inner)); });
  }
}

void Rewriter::Cast(Pointer& expression) {
  auto& cast = expression->Cast<duckdb::CastExpression>();
  if (cast.try_cast) return;
  const bool is_named = cast.cast_type.id() == duckdb::LogicalTypeId::UNBOUND;
  const LogicalType type = is_named ? duckdb::UnboundType::TryDefaultBind(cast.cast_type) : cast.cast_type;
  postgres::RewriteConstant(cast, type.id());
  if (type.id() == duckdb::LogicalTypeId::DECIMAL && cast.child->GetExpressionClass() != ExpressionClass::CONSTANT) {
    return Replace(expression, AsNumeric);
  }
  if (type != LogicalType::VARCHAR) return;
  Pointer length = is_named ? LengthOf(cast.cast_type) : nullptr;
  if (!length && cast.child->GetExpressionClass() == ExpressionClass::CONSTANT) return;
  Replace(expression, [&](Pointer inner) {
    Pointer text = CallOf("text@", std::move(inner->Cast<duckdb::CastExpression>().child));
    if (!length) return text;
    text = CallOf("left", std::move(text));
    text->Cast<duckdb::FunctionExpression>().children.push_back(std::move(length));
    return text;
  });
}

/// generate_series(1, 3) in FROM, of integers.
void RegisterSeries(duckdb::ExtensionLoader& loader) {
  static constexpr duckdb::DefaultTableMacro kSeries = {
      "main",
      "integer_series@",
      {"a_from_", "a_to_", nullptr},
      {{nullptr, nullptr}},
      "SELECT generate_series::INTEGER AS generate_series FROM generate_series(a_from_, a_to_)"};
  loader.RegisterFunction(*duckdb::DefaultTableFunctionGenerator::CreateTableMacroInfo(kSeries));
}

}  // namespace

void RegisterPostgresDialect(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "smelt");
  postgres::RegisterArithmetic(loader);
  postgres::RegisterAggregates(loader);
  postgres::RegisterVariance(loader);
  postgres::RegisterConversions(loader);
  postgres::RegisterFormatText(loader);
  RegisterSeries(loader);
}

void RewriteForPostgres(duckdb::SQLStatement& statement) {
  Rewriter().Statement(statement);
}

}  // namespace smelt::engine
