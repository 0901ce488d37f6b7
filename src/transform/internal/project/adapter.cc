#include "transform/internal/project/adapter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "transform/internal/project/database_access.h"
#include "transform/internal/project/query_result.h"
#include "transform/internal/project/quoting.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {

using jinja::Arguments;
using jinja::Function;
using jinja::Interpreter;
using jinja::List;
using jinja::Record;
using jinja::Value;

namespace {

class Response final : public Record {
 public:
  Response(std::string message, Value code, Value rows_affected) : Record("response"), message_(std::move(message)) {
    Set("_message", message_);
    Set("code", std::move(code));
    Set("rows_affected", std::move(rows_affected));
  }
  std::string ToText() const override { return message_; }

 private:
  std::string message_;
};

/// `adapter.execute(sql, auto_begin, fetch)`: (response, table).
Result<Value> Execute(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("execute", {"sql", "auto_begin", "fetch", "limit"}, 1));
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr) return Value::MakeTuple({Value::None(), Value::None()});
  SMELT_ASSIGN(engine::ResultTable table, RunSql(*access, bound[0].ToText(), bound[1].Truthy()));
  Value changed = Value::None();
  if (table.kind == engine::ResultKind::kChangedRows) changed = Value(table.Int().value_or(0));
  if (table.kind != engine::ResultKind::kRows || !bound[2].Truthy()) table = {};
  return Value::MakeTuple({MakeResponse("OK", Value("OK"), changed), MakeQueryResult(table)});
}

Result<Value> AddQuery(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("add_query", {"sql", "auto_begin", "bindings", "abridge_sql_log"}, 1));
  if (!bound[2].is_absent() && bound[2].Truthy()) {
    return Fail(ErrorCode::kJinjaType, "adapter.add_query() takes no bindings: write the values into the statement");
  }
  if (DatabaseAccess* access = AccessOf(interpreter)) {
    SMELT_TRY(RunSql(*access, bound[0].ToText(), bound[1].is_undefined() || bound[1].Truthy()));
  }
  return Value("");
}

Result<Value> Commit(Interpreter& interpreter, Arguments) {
  if (DatabaseAccess* access = AccessOf(interpreter)) SMELT_TRY(access->Commit());
  return Value("");
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
  if (bound[1].is_absent()) {
    if (const MacroEntry* found = macros.FindDispatched(name, context.package())) return found->value;
    return Fail(ErrorCode::kJinjaUndefined,
                fmt::format("dispatch('{}'): there is no macro duckdb__{} or default__{}", name, name, name));
  }
  const std::vector<std::string> packages = SearchOrder(context.project(), bound[1].ToText());
  if (const MacroEntry* found = macros.FindDispatched(name, packages)) return found->value;
  return Fail(ErrorCode::kJinjaUndefined,
              fmt::format("dispatch('{}'): there is no macro duckdb__{} or default__{} in {}", name, name, name,
                          fmt::join(packages, ", ")));
}

Result<Value> Quote(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("quote", {"identifier"}, 1));
  return Value(QuotedName(bound[0].ToText()));
}

Result<Value> QuoteAsConfigured(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("quote_as_configured", {"identifier", "quote_key"}, 1));
  return Value(QuotedName(bound[0].ToText()));
}

Result<Value> QuoteSeedColumn(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("quote_seed_column", {"column", "quote_config"}, 1));
  return bound[1].Truthy() ? Value(QuotedName(bound[0].ToText())) : bound[0];
}

Result<Value> Nothing(Interpreter&, Arguments) {
  return Value("");
}

}  // namespace

DatabaseAccess* AccessOf(const Interpreter& interpreter) {
  const RenderContext& context = RenderContext::Of(interpreter);
  if (!context.executes()) context.findings().asked_database = true;
  return context.database();
}

Result<RelationParts> PartsOf(const Value& value, std::string_view function) {
  auto relation = value.As<Relation>();
  if (relation == nullptr) {
    return Fail(ErrorCode::kJinjaType, fmt::format("{}() needs a relation, not '{}'", function, value.type_name()));
  }
  auto part = [&relation](std::string_view name) {
    auto attribute = relation->Attribute(name);
    return attribute && !attribute->is_absent() ? attribute->ToText() : std::string();
  };
  return RelationParts{part("database"), part("schema"), part("identifier"), part("type"), relation->ToText()};
}

Result<engine::ResultTable> RunSql(DatabaseAccess& access, const std::string& sql, bool begins) {
  auto table = access.Execute(sql, begins);
  if (table) return table;
  // The error's place is one within the SQL; the template's is added on the way up.
  return Fail(Error(table.error().code(), fmt::format("{}\n  in the statement: {}", table.error().message(), sql))
                  .Hint(table.error().hint()));
}

Result<std::vector<engine::ResultColumn>> ColumnsOf(DatabaseAccess& access, const std::string& relation) {
  SMELT_ASSIGN(engine::ResultTable table, RunSql(access, fmt::format("select * from {} limit 0", relation), false));
  return std::move(table.columns);
}

Value MakeResponse(const std::string& message, const Value& code, const Value& rows_affected) {
  return Value(std::make_shared<Response>(message, code.is_absent() ? Value::None() : code,
                                          rows_affected.is_absent() ? Value::None() : rows_affected));
}

void AddFunctions(Record& adapter, std::initializer_list<AdapterFunction> functions) {
  for (const auto& [name, body] : functions) adapter.Set(name, Function::Make(name, body));
}

Value MakeAdapter() {
  auto adapter = std::make_shared<Record>("adapter");
  AddFunctions(*adapter, {{"dispatch", Dispatch},
                          {"execute", Execute},
                          {"add_query", AddQuery},
                          {"commit", Commit},
                          {"quote", Quote},
                          {"quote_as_configured", QuoteAsConfigured},
                          {"quote_seed_column", QuoteSeedColumn}});
  // There is no cache of relations: what is asked is looked up.
  for (const char* name : {"cache_added", "cache_dropped", "cache_renamed", "ensure_transaction"}) {
    AddFunctions(*adapter, {{name, Nothing}});
  }
  adapter->Set("type", Function::Make("type", [](Interpreter&, Arguments) { return Result<Value>(Value("duckdb")); }));
  AddQuestions(*adapter);
  AddChanges(*adapter);
  AddMaterializationHelp(*adapter);
  return Value(std::move(adapter));
}

}  // namespace smelt::transform
