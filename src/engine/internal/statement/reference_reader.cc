#include "engine/internal/statement/reference_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <duckdb/catalog/catalog_entry/macro_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry_retriever.hpp>
#include <duckdb/catalog/catalog_search_path.hpp>
#include <duckdb/function/replacement_scan.hpp>
#include <duckdb/function/scalar_macro_function.hpp>
#include <duckdb/function/table_macro_function.hpp>
#include <duckdb/main/client_data.hpp>
#include <duckdb/main/database_manager.hpp>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/query_node/list.hpp>
#include <duckdb/parser/tableref/list.hpp>
#include <utility>

#include "engine/internal/functions.h"
#include "engine/internal/statement/function_reach.h"

namespace smelt::engine {
namespace {

using duckdb::CatalogType;
using duckdb::ExpressionClass;
using duckdb::ParsedExpression;
using duckdb::TableReferenceType;

constexpr const char* kLake = "lake";

/// Adds to a list that is kept in order, once each.
template <typename T>
void Note(std::vector<T>& list, T value) {
  const auto place = std::lower_bound(list.begin(), list.end(), value);
  if (place == list.end() || *place != value) list.insert(place, std::move(value));
}

/// What the standard calls without brackets: their value is of the moment or of the session.
bool IsValueFunction(const std::string& name) {
  static const std::set<std::string> kFunctions = {
      "current_catalog", "current_date",   "current_role", "current_schema", "current_time", "current_timestamp",
      "current_user",    "localtimestamp", "localtime",    "session_user",   "user"};
  return kFunctions.contains(name);
}

/// The text of a constant; nothing for another expression.
std::optional<std::string> ConstantText(const ParsedExpression& expression) {
  if (expression.GetExpressionClass() != ExpressionClass::CONSTANT) return std::nullopt;
  const duckdb::Value& value = expression.Cast<duckdb::ConstantExpression>().value;
  if (value.IsNull() || value.type().id() != duckdb::LogicalTypeId::VARCHAR) return std::nullopt;
  return duckdb::StringValue::Get(value);
}

bool IsSafelyRepeatable(duckdb::CatalogEntry& entry) {
  if (entry.type != CatalogType::SCALAR_FUNCTION_ENTRY) return true;
  const auto& functions = entry.Cast<duckdb::ScalarFunctionCatalogEntry>().functions.functions;
  return std::ranges::all_of(functions, [](const duckdb::ScalarFunction& function) {
    return function.GetStability() == duckdb::FunctionStability::CONSISTENT;
  });
}

}  // namespace

void ReferenceReader::Outside(std::string what) {
  Note(info_.outside, std::move(what));
}

bool ReferenceReader::IsTableExpression(const std::string& name) const {
  const std::string folded = duckdb::StringUtil::Lower(name);
  return std::ranges::any_of(scopes_, [&](const Names& names) { return names.contains(folded); });
}

duckdb::optional_ptr<duckdb::CatalogEntry> ReferenceReader::Find(CatalogType type, const std::string& catalog,
                                                                 const std::string& schema, const std::string& name) {
  duckdb::CatalogEntryRetriever retriever(context_);
  if (!path_.empty()) retriever.SetSearchPath(path_);
  const duckdb::EntryLookupInfo lookup(type, name);
  return retriever.GetEntry(catalog, schema, lookup, duckdb::OnEntryNotFound::RETURN_NULL);
}

// ---- queries --------------------------------------------------------------------------------------------------------

void ReferenceReader::ReadTableExpressions(duckdb::CommonTableExpressionMap& map) {
  for (auto& [name, table] : map.map) {
    if (table->query) ReadQuery(*table->query->node);
    ReadExpressions(table->key_targets);
    scopes_.back().insert(duckdb::StringUtil::Lower(name));
  }
}

void ReferenceReader::ReadQuery(duckdb::QueryNode& node) {
  scopes_.emplace_back();
  ReadTableExpressions(node.cte_map);
  switch (node.type) {
    case duckdb::QueryNodeType::SELECT_NODE: ReadSelect(node); break;
    case duckdb::QueryNodeType::SET_OPERATION_NODE:
      for (auto& child : node.Cast<duckdb::SetOperationNode>().children) ReadQuery(*child);
      break;
    case duckdb::QueryNodeType::RECURSIVE_CTE_NODE: {
      auto& recursive = node.Cast<duckdb::RecursiveCTENode>();
      ReadQuery(*recursive.left);
      scopes_.back().insert(duckdb::StringUtil::Lower(recursive.ctename));
      ReadQuery(*recursive.right);
      ReadExpressions(recursive.key_targets);
      break;
    }
    case duckdb::QueryNodeType::CTE_NODE: {
      auto& table = node.Cast<duckdb::CTENode>();
      ReadQuery(*table.query);
      scopes_.back().insert(duckdb::StringUtil::Lower(table.ctename));
      ReadQuery(*table.child);
      break;
    }
    default: Outside("a query of an unknown kind");
  }
  ReadModifiers(node);
  scopes_.pop_back();
}

void ReferenceReader::ReadModifiers(duckdb::QueryNode& node) {
  duckdb::ParsedExpressionIterator::EnumerateQueryNodeModifiers(
      node, [this](duckdb::unique_ptr<ParsedExpression>& expression) {
        if (expression) ReadExpression(*expression);
      });
}

void ReferenceReader::ReadSelect(duckdb::QueryNode& node) {
  auto& select = node.Cast<duckdb::SelectNode>();
  ReadExpressions(select.select_list);
  ReadExpressions(select.groups.group_expressions);
  for (const auto* part : {&select.where_clause, &select.having, &select.qualify}) {
    if (*part) ReadExpression(**part);
  }
  if (select.sample) info_.repeatable = false;
  if (select.from_table) ReadRef(*select.from_table);
}

void ReferenceReader::ReadRef(duckdb::TableRef& ref) {
  if (ref.sample) info_.repeatable = false;
  switch (ref.type) {
    case TableReferenceType::EMPTY_FROM: return;
    case TableReferenceType::BASE_TABLE: {
      const auto& base = ref.Cast<duckdb::BaseTableRef>();
      if (base.at_clause && base.at_clause->ExpressionMutable()) ReadExpression(*base.at_clause->ExpressionMutable());
      return ReadBase(base.catalog_name, base.schema_name, base.table_name);
    }
    case TableReferenceType::SUBQUERY: return ReadQuery(*ref.Cast<duckdb::SubqueryRef>().subquery->node);
    case TableReferenceType::JOIN: {
      auto& join = ref.Cast<duckdb::JoinRef>();
      ReadRef(*join.left);
      ReadRef(*join.right);
      if (join.condition) ReadExpression(*join.condition);
      return;
    }
    case TableReferenceType::TABLE_FUNCTION: {
      auto& call = ref.Cast<duckdb::TableFunctionRef>();
      ReadTableFunction(*call.function);
      if (call.subquery) ReadQuery(*call.subquery->node);
      return;
    }
    case TableReferenceType::EXPRESSION_LIST:
      for (const auto& row : ref.Cast<duckdb::ExpressionListRef>().values) ReadExpressions(row);
      return;
    case TableReferenceType::SHOW_REF: return ReadShown(ref);
    case TableReferenceType::PIVOT: return ReadPivot(ref);
    default: Outside("a relation of an unknown kind");
  }
}

void ReferenceReader::ReadShown(duckdb::TableRef& ref) {
  auto& show = ref.Cast<duckdb::ShowRef>();
  info_.reads_catalog = true;
  if (show.query) return ReadQuery(*show.query);
  // SHOW TABLES and its like are relations whose name is quoted.
  if (show.table_name.empty() || show.table_name.starts_with('"') || show.table_name.starts_with("__show")) return;
  ReadBase(show.catalog_name, show.schema_name, show.table_name);
}

void ReferenceReader::ReadPivot(duckdb::TableRef& ref) {
  auto& pivot = ref.Cast<duckdb::PivotRef>();
  if (pivot.source) ReadRef(*pivot.source);
  ReadExpressions(pivot.aggregates);
  for (auto& column : pivot.pivots) {
    ReadExpressions(column.pivot_expressions);
    for (const auto& entry : column.entries) {
      if (entry.expr) ReadExpression(*entry.expr);
    }
    if (column.subquery) ReadQuery(*column.subquery);
  }
}

// ---- relations ------------------------------------------------------------------------------------------------------

void ReferenceReader::ReadBase(const std::string& catalog, const std::string& schema, const std::string& name) {
  if (catalog.empty() && (schema.empty() || schema == "recurring") && IsTableExpression(name)) return;
  auto entry = Find(CatalogType::TABLE_ENTRY, catalog, schema, name);
  if (entry) return ReadRelation(*entry);
  ReadMissing(catalog, schema, name);
}

void ReferenceReader::ReadRelation(duckdb::CatalogEntry& entry) {
  duckdb::Catalog& catalog = entry.ParentCatalog();
  const std::string& schema = entry.ParentSchema().name;
  const bool in_lake = catalog.GetName() == kLake;
  if (catalog.IsTemporaryCatalog()) {
    info_.reads_temporary = true;
  } else if (catalog.IsSystemCatalog()) {
    info_.reads_catalog = true;
  } else if (!in_lake) {
    Outside(fmt::format("database {}", catalog.GetName()));
  }
  if (entry.type != CatalogType::VIEW_ENTRY) {
    if (in_lake) Note(info_.reads, RelationName{schema, entry.name});
    return;
  }
  if (in_lake) Note(info_.views, RelationName{schema, entry.name});
  if (!seen_.insert(&entry).second) return;
  // A view knows no table expressions of who reads it, and looks for names where it lies.
  auto scopes = std::exchange(scopes_, {{}});
  auto path = std::exchange(path_, {duckdb::CatalogSearchEntry(catalog.GetName(), schema)});
  const auto query = entry.Cast<duckdb::ViewCatalogEntry>().GetQuery().Copy();
  ReadQuery(*query->Cast<duckdb::SelectStatement>().node);
  path_ = std::move(path);
  scopes_ = std::move(scopes);
}

void ReferenceReader::ReadMissing(const std::string& catalog, const std::string& schema, const std::string& name) {
  duckdb::ReplacementScanInput input(catalog, schema, name);
  const std::string path = duckdb::ReplacementScan::GetFullPath(input);
  for (auto& scan : duckdb::DBConfig::GetConfig(context_).replacement_scans) {
    if (scan.function(context_, input, scan.data.get())) return Outside(fmt::format("file '{}'", path));
  }
  Note(info_.unknown, path);
}

void ReferenceReader::Write(Target target, bool temporary) {
  if (temporary) {
    info_.changes_session = true;
    return;
  }
  // What stands alone before a dot may be the name of a database.
  if (target.catalog.empty() && !target.schema.empty() &&
      duckdb::DatabaseManager::Get(context_).GetDatabase(context_, target.schema)) {
    target.catalog = std::exchange(target.schema, "");
  }
  const auto found =
      target.name.empty() ? nullptr : Find(CatalogType::TABLE_ENTRY, target.catalog, target.schema, target.name);
  const auto& path = duckdb::ClientData::Get(context_).catalog_search_path;
  if (found) {
    target = {found->ParentCatalog().GetName(), found->ParentSchema().name, found->name};
  } else {
    if (target.catalog.empty()) target.catalog = path->GetDefault().catalog;
    if (target.schema.empty()) target.schema = path->GetDefault().schema;
  }
  if (duckdb::StringUtil::CIEquals(target.catalog, "temp")) {
    info_.changes_session = true;
  } else if (duckdb::StringUtil::CIEquals(target.catalog, kLake)) {
    info_.changes_lake = true;
    if (!found)
      target = {target.catalog, duckdb::StringUtil::Lower(target.schema), duckdb::StringUtil::Lower(target.name)};
    Note(info_.writes, RelationName{target.schema, target.name});
  } else {
    Outside(fmt::format("database {}", target.catalog));
  }
}

void ReferenceReader::WriteRef(duckdb::TableRef& ref) {
  ReadRef(ref);
  if (ref.type != TableReferenceType::BASE_TABLE) return;
  const auto& base = ref.Cast<duckdb::BaseTableRef>();
  Write({base.catalog_name, base.schema_name, base.table_name}, false);
}

// ---- expressions ----------------------------------------------------------------------------------------------------

void ReferenceReader::ReadExpressions(const duckdb::vector<duckdb::unique_ptr<ParsedExpression>>& expressions) {
  for (const auto& expression : expressions) {
    if (expression) ReadExpression(*expression);
  }
}

void ReferenceReader::ReadExpression(const ParsedExpression& expression) {
  switch (expression.GetExpressionClass()) {
    case ExpressionClass::SUBQUERY: ReadQuery(*expression.Cast<duckdb::SubqueryExpression>().subquery->node); break;
    case ExpressionClass::FUNCTION: ReadFunction(expression); break;
    case ExpressionClass::COLUMN_REF: ReadColumn(expression); break;
    default: break;
  }
  duckdb::ParsedExpressionIterator::EnumerateChildren(expression,
                                                      [this](const ParsedExpression& child) { ReadExpression(child); });
}

void ReferenceReader::ReadColumn(const ParsedExpression& expression) {
  const auto& column = expression.Cast<duckdb::ColumnRefExpression>();
  if (!column.IsQualified() && IsValueFunction(duckdb::StringUtil::Lower(column.GetColumnName())))
    info_.repeatable = false;
}

void ReferenceReader::ReadFunction(const ParsedExpression& expression) {
  const auto& call = expression.Cast<duckdb::FunctionExpression>();
  auto entry = Find(CatalogType::SCALAR_FUNCTION_ENTRY, call.catalog, call.schema, call.function_name);
  if (!entry) return;  // binding will say so
  if (entry->type == CatalogType::MACRO_ENTRY) return ReadMacro(*entry);
  const std::string name = duckdb::StringUtil::Lower(entry->name);
  if (!IsSafelyRepeatable(*entry)) info_.repeatable = false;
  if (IsScalarOutside(name)) Outside(name);
  if (name == "nextval" || name == "setseed") info_.changes_session = true;
  if (name == "getvariable") info_.repeatable = false;
  if (name != "current_setting") return;
  info_.repeatable = false;
  const auto setting = call.children.size() == 1 ? ConstantText(*call.children[0]) : std::nullopt;
  if (!setting || !IsHarmlessSetting(duckdb::StringUtil::Lower(*setting))) {
    Outside(setting ? fmt::format("current_setting('{}')", *setting) : "current_setting of a computed name");
  }
}

void ReferenceReader::ReadMacro(duckdb::CatalogEntry& entry) {
  if (!seen_.insert(&entry).second) return;
  auto scopes = std::exchange(scopes_, {{}});
  for (auto& macro : entry.Cast<duckdb::MacroCatalogEntry>().macros) {
    for (const auto& [name, value] : macro->default_parameters) {
      if (value) ReadExpression(*value);
    }
    if (macro->type == duckdb::MacroType::SCALAR_MACRO) {
      ReadExpression(*macro->Cast<duckdb::ScalarMacroFunction>().expression);
    } else {
      const auto body = macro->Cast<duckdb::TableMacroFunction>().query_node->Copy();
      ReadQuery(*body);
    }
  }
  scopes_ = std::move(scopes);
}

// ---- table functions ------------------------------------------------------------------------------------------------

void ReferenceReader::ReadTableFunction(const ParsedExpression& expression) {
  if (expression.GetExpressionClass() != ExpressionClass::FUNCTION) return Outside("a call of an unknown kind");
  const auto& call = expression.Cast<duckdb::FunctionExpression>();
  ReadExpressions(call.children);
  auto entry = Find(CatalogType::TABLE_FUNCTION_ENTRY, call.catalog, call.schema, call.function_name);
  if (!entry) return Note(info_.unknown, duckdb::StringUtil::Lower(call.function_name));
  if (entry->type == CatalogType::TABLE_MACRO_ENTRY || entry->type == CatalogType::MACRO_ENTRY) {
    return ReadMacro(*entry);
  }
  const std::string name = duckdb::StringUtil::Lower(entry->name);
  const auto argument = [&](std::size_t at, bool reads, bool writes) {
    if (at < call.children.size()) ReadNamedTable(name, *call.children[at], reads, writes);
  };
  switch (ReachOf(name)) {
    case FunctionReach::kArguments: return;
    case FunctionReach::kEngine: info_.reads_catalog = true; return;
    case FunctionReach::kReadsTable: return argument(0, true, false);
    case FunctionReach::kChangesTable: argument(0, true, true); return ReadTextArguments(name, call, 1);
    case FunctionReach::kReplacesRows: argument(0, true, true); return ReadTextArguments(name, call, 1);
    case FunctionReach::kClonesTable: argument(0, true, false); return argument(1, false, true);
    case FunctionReach::kChangesAndReads: argument(0, false, true); return Outside(name);
    case FunctionReach::kOutside: return Outside(name);
  }
}

void ReferenceReader::ReadNamedTable(const std::string& function, const ParsedExpression& argument, bool reads,
                                     bool writes) {
  info_.repeatable = false;  // history and files of a table change without a new version
  const auto text = ConstantText(argument);
  if (writes) info_.changes_lake = true;
  if (!text) return Outside(fmt::format("{} of a table whose name is computed", function));
  const TableKey key = ParseTableName(*text);
  RelationName name{key.schema, key.table};
  if (auto entry = Find(CatalogType::TABLE_ENTRY, kLake, key.schema, key.table)) {
    name = {entry->ParentSchema().name, entry->name};
  }
  if (reads) Note(info_.reads, name);
  if (writes) Note(info_.writes, name);
}

void ReferenceReader::ReadTextArguments(const std::string& function, const ParsedExpression& call, std::size_t first) {
  const auto& children = call.Cast<duckdb::FunctionExpression>().children;
  for (std::size_t i = first; i < children.size(); ++i) ReadTextArgument(function, *children[i]);
}

/// Commands run queries and conditions that come as text: they are read, too, and what cannot be read goes too far.
void ReferenceReader::ReadTextArgument(const std::string& function, const ParsedExpression& argument) {
  switch (argument.GetExpressionClass()) {
    case ExpressionClass::CONSTANT:
      if (const auto text = ConstantText(argument)) ReadText(*text);
      return;
    case ExpressionClass::COMPARISON:
      return ReadTextArgument(function, *argument.Cast<duckdb::ComparisonExpression>().right);
    case ExpressionClass::CAST: return ReadTextArgument(function, *argument.Cast<duckdb::CastExpression>().child);
    case ExpressionClass::OPERATOR:
      for (const auto& child : argument.Cast<duckdb::OperatorExpression>().children) ReadTextArgument(function, *child);
      return;
    case ExpressionClass::FUNCTION: {
      const auto& list = argument.Cast<duckdb::FunctionExpression>();
      if (list.function_name == "list_value") return ReadTextArguments(function, argument, 0);
      break;
    }
    default: break;
  }
  Outside(fmt::format("{} with computed arguments", function));
}

void ReferenceReader::ReadText(const std::string& text) {
  const auto options = context_.GetParserOptions();
  try {
    duckdb::Parser parser(options);
    parser.ParseQuery(text);
    if (parser.statements.size() == 1 && parser.statements[0]->type == duckdb::StatementType::SELECT_STATEMENT) {
      return ReadQuery(*parser.statements[0]->Cast<duckdb::SelectStatement>().node);
    }
  } catch (const duckdb::ParserException&) {
    // A condition, then.
  }
  try {
    for (const auto& expression : duckdb::Parser::ParseExpressionList(text, options)) ReadExpression(*expression);
  } catch (const duckdb::ParserException&) {
    // Neither a query nor an expression: the name of a curve, for instance. Whoever takes it for SQL will refuse it.
  }
}

}  // namespace smelt::engine
