// What templates ask the database: statements and their results, and `api`.

#include <fmt/format.h>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/project/adapter.h"
#include "transform/internal/project/context_functions.h"
#include "transform/internal/project/database_access.h"
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

/// `store_result(name, response, agate_table)`: what load_result(name) gives.
Result<Value> StoreResult(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("store_result", {"name", "response", "agate_table"}, 1));
  auto result = std::make_shared<Record>("statement result");
  result->Set("response", bound[1].is_absent() ? Value::None() : bound[1]);
  List data;
  if (!bound[2].is_absent()) {
    SMELT_ASSIGN(List rows, jinja::Iterate(bound[2].object().Attribute("rows").value_or(Value::MakeList())));
    for (const Value& row : rows) {
      SMELT_ASSIGN(List cells, jinja::Iterate(row));
      data.push_back(Value::MakeList(std::move(cells)));
    }
  }
  result->Set("data", Value::MakeList(std::move(data)));
  result->Set("table", bound[2].is_absent() ? Value::None() : bound[2]);
  RenderContext::Of(interpreter).statement_results().insert_or_assign(bound[0].ToText(), Value(std::move(result)));
  return Value("");
}

Result<Value> StoreRawResult(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound,
               arguments.Bind("store_raw_result", {"name", "message", "code", "rows_affected", "agate_table"}, 1));
  const std::string message = bound[1].is_absent() ? "OK" : bound[1].ToText();
  Arguments stored;
  stored.positional = {bound[0], MakeResponse(message, bound[2], bound[3])};
  if (!bound[4].is_absent()) stored.positional.push_back(bound[4]);
  return StoreResult(interpreter, std::move(stored));
}

Result<Value> LoadResult(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("load_result", {"name"}, 1));
  const RenderContext& context = RenderContext::Of(interpreter);
  if (!context.executes()) context.findings().asked_database = true;
  const auto& results = context.statement_results();
  auto found = results.find(bound[0].ToText());
  return found == results.end() ? Value::None() : found->second;
}

/// `load_agate_table()`: the rows of the seed that is being built.
Result<Value> LoadSeedTable(Interpreter& interpreter, Arguments arguments) {
  SMELT_TRY(arguments.Bind("load_agate_table", {}, 0));
  const RenderContext& context = RenderContext::Of(interpreter);
  if (context.node() == nullptr || context.node()->type != ResourceType::kSeed) {
    return Fail(Error(ErrorCode::kJinjaType, "load_agate_table() can only be called while a seed is built")
                    .Hint("read a table with run_query() and ref()"));
  }
  const Value* rows = context.Find("seed_rows");
  if (context.database() == nullptr || rows == nullptr) {
    context.findings().asked_database = true;
    return Value::None();
  }
  SMELT_ASSIGN(auto answer, context.database()->Execute("select * from " + rows->ToText(), false));
  return MakeQueryResult(answer);
}

/// `write(text)`: what a materialization runs, for people to look at; kept with the node.
Result<Value> Write(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("write", {"payload"}, 1));
  RenderContext::Of(interpreter).findings().written = bound[0].ToText();
  return Value("");
}

}  // namespace

void AddDatabaseFunctions(GlobalTable& table) {
  table.Set("store_result", Function::Make("store_result", StoreResult));
  table.Set("store_raw_result", Function::Make("store_raw_result", StoreRawResult));
  table.Set("load_result", Function::Make("load_result", LoadResult));
  table.Set("load_agate_table", Function::Make("load_agate_table", LoadSeedTable));
  table.Set("write", Function::Make("write", Write));
  table.Set("adapter", MakeAdapter());
}

}  // namespace smelt::transform
