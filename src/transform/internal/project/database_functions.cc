// What templates ask the database: run_query, statement, adapter.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/config.h"
#include "transform/internal/project/context_functions.h"
#include "transform/internal/project/query_result.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Function;
using jinja::GlobalTable;
using jinja::Interpreter;
using jinja::List;
using jinja::Record;
using jinja::Value;

/// The session to ask; null while SQL cannot be run, which is noted.
engine::Session* Session(const Interpreter& interpreter) {
  const RenderContext& context = RenderContext::Of(interpreter);
  if (!context.executes()) context.findings().asked_database = true;
  return context.session();
}

Result<engine::ResultTable> Ask(engine::Session& session, const std::string& sql) {
  auto table = session.Query(sql);
  if (table) return table;
  // The error's place is one within the query; the template's is added on the way up.
  return Fail(Error(table.error().code(), fmt::format("{}\n  in the query: {}", table.error().message(), sql))
                  .Hint(table.error().hint()));
}

Result<Value> RunQuery(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("run_query", {"sql"}, 1));
  engine::Session* session = Session(interpreter);
  if (session == nullptr) return Value::None();
  SMELT_ASSIGN(engine::ResultTable table, Ask(*session, bound[0].ToText()));
  return MakeQueryResult(table);
}

/// `{% call statement('name', fetch_result=true) %}…{% endcall %}`.
Result<Value> Statement(Interpreter& interpreter, Arguments arguments) {
  auto caller = arguments.TakeNamed("caller");
  SMELT_ASSIGN(List bound, arguments.Bind("statement", {"name", "fetch_result", "auto_begin", "language"}, 0));
  if (!caller) return Fail(ErrorCode::kJinjaType, "statement() is used as {% call statement(…) %}…{% endcall %}");
  SMELT_ASSIGN(Value sql, interpreter.Call(*caller, {}));
  engine::Session* session = Session(interpreter);
  if (session == nullptr) return Value("");
  SMELT_ASSIGN(engine::ResultTable table, Ask(*session, sql.ToText()));
  if (!bound[0].is_absent()) {
    RenderContext::Of(interpreter).statement_results().insert_or_assign(bound[0].ToText(), MakeStatementResult(table));
  }
  return Value("");
}

Result<Value> LoadResult(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("load_result", {"name"}, 1));
  Session(interpreter);
  const auto& results = RenderContext::Of(interpreter).statement_results();
  auto found = results.find(bound[0].ToText());
  return found == results.end() ? Value::None() : found->second;
}

/// The packages that dispatch searches for a namespace, in their order: what dbt_project.yml says, else the root
/// project before the package itself.
std::vector<std::string> SearchOrder(const ProjectState& project, const std::string& macro_namespace) {
  const auto& dispatch = project.file().dispatch;
  if (auto found = dispatch.find(macro_namespace); found != dispatch.end()) return found->second;
  return {project.file().name, macro_namespace};
}

Result<Value> Dispatch(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("dispatch", {"macro_name", "macro_namespace", "packages"}, 1));
  const std::string name = bound[0].ToText();
  const RenderContext& context = RenderContext::Of(interpreter);
  const MacroSet& macros = context.project().macros;
  std::vector<std::string> packages = {std::string(context.package()), macros.root(), std::string(kBuiltInPackage)};
  if (!bound[1].is_absent()) packages = SearchOrder(context.project(), bound[1].ToText());
  if (const MacroEntry* found = macros.FindDispatched(name, packages)) return found->value;
  // The built-in macros are written for this database only.
  if (const MacroEntry* found = macros.FindIn(kBuiltInPackage, name)) return found->value;
  return Fail(ErrorCode::kJinjaUndefined,
              fmt::format("dispatch('{}'): there is no macro duckdb__{} or default__{} in {}", name, name, name,
                          fmt::join(packages, ", ")));
}

Result<Value> Quote(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("quote", {"identifier"}, 1));
  return Value('"' + bound[0].ToText() + '"');
}

/// Whether the table or view exists; its columns are in `columns` then.
Result<bool> FindColumns(engine::Session& session, const std::string& relation, engine::ResultTable& columns) {
  auto found = session.Query(fmt::format("select * from {} limit 0", relation));
  if (found) return columns = *std::move(found), true;
  if (found.error().code() == ErrorCode::kSqlCatalog || found.error().code() == ErrorCode::kSqlBinding) return false;
  return Fail(std::move(found).error());
}

Result<Value> GetRelation(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("get_relation", {"database", "schema", "identifier"}, 3));
  engine::Session* session = Session(interpreter);
  if (session == nullptr) return Value::None();
  RelationName name{bound[1].ToText(), bound[2].ToText()};
  engine::ResultTable columns;
  SMELT_ASSIGN(bool exists, FindColumns(*session, name.Sql(), columns));
  if (!exists) return Value::None();
  std::string type = "table";
  for (const auto& [id, node] : RenderContext::Of(interpreter).project().manifest.nodes) {
    if (node.relation == name) type = RelationType(node);
  }
  return Value(std::make_shared<Relation>(std::move(name), std::move(type)));
}

Result<Value> LoadRelation(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("load_relation", {"relation"}, 1));
  auto relation = bound[0].As<Relation>();
  if (relation == nullptr) return Fail(ErrorCode::kJinjaType, "load_relation() needs a relation");
  Arguments names;
  names.positional = {Value(kDatabase), Value(relation->name().schema), Value(relation->name().identifier)};
  return GetRelation(interpreter, std::move(names));
}

Result<Value> GetColumns(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("get_columns_in_relation", {"relation"}, 1));
  engine::Session* session = Session(interpreter);
  List columns;
  if (session == nullptr) return Value::MakeList(std::move(columns));
  engine::ResultTable table;
  SMELT_ASSIGN(bool exists, FindColumns(*session, bound[0].ToText(), table));
  if (!exists) return Fail(ErrorCode::kSqlCatalog, fmt::format("there is no relation {}", bound[0].ToText()));
  for (const engine::ResultColumn& column : table.columns) columns.push_back(MakeColumn(column.name, column.type));
  return Value::MakeList(std::move(columns));
}

Value MakeAdapter() {
  auto adapter = std::make_shared<Record>("adapter");
  auto add = [&adapter](const char* name, Result<Value> (*body)(Interpreter&, Arguments)) {
    adapter->Set(name, Function::Make(name, body));
  };
  add("dispatch", Dispatch);
  add("quote", Quote);
  add("get_relation", GetRelation);
  add("get_columns_in_relation", GetColumns);
  adapter->Set("type", Function::Make("type", [](Interpreter&, Arguments) { return Result<Value>(Value("duckdb")); }));
  return Value(std::move(adapter));
}

Value MakeApi() {
  auto relation = std::make_shared<Record>("Relation");
  relation->Set("create", Function::Make("create", CreateRelation));
  auto api = std::make_shared<Record>("api");
  api->Set("Relation", Value(std::move(relation)));
  return Value(std::move(api));
}

}  // namespace

void AddDatabaseFunctions(GlobalTable& table) {
  table.Set("run_query", Function::Make("run_query", RunQuery));
  table.Set("statement", Function::Make("statement", Statement));
  table.Set("load_result", Function::Make("load_result", LoadResult));
  table.Set("load_relation", Function::Make("load_relation", LoadRelation));
  table.Set("get_columns_in_relation", Function::Make("get_columns_in_relation", GetColumns));
  table.Set("adapter", MakeAdapter());
  table.Set("api", MakeApi());
}

}  // namespace smelt::transform
