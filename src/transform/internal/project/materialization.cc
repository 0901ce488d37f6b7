#include "transform/internal/project/materialization.h"

#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

using jinja::Interpreter;
using jinja::Value;

void SetNames(RenderContext& context, const Node& node, const MaterializeContext& materialize) {
  context.set_incremental(materialize.compile.is_incremental);
  context.Set("sql", materialize.sql);
  context.Set("compiled_code", materialize.sql);
  Json description = DescribeNode(node, node.config.all);
  description["compiled_code"] = materialize.sql;
  description["compiled"] = true;
  if (!materialize.batch.is_null()) description["batch"] = materialize.batch;
  context.Set("model", Value::FromJson(description));
  for (const auto& [name, value] : materialize.values) context.Set(name, Value(value));
  if (materialize.adds_to_own_table) {
    context.Set("should_full_refresh", jinja::Function::Make("should_full_refresh", [](Interpreter&, jinja::Arguments) {
                  return Result<Value>(Value(false));
                }));
  }
}

/// The line that an error in `sql` has when the node's own SQL, a part of it, begins in line 2; 0: it is elsewhere.
std::int64_t LineInNode(const std::string& sql, const std::string& own, std::int64_t line) {
  const std::size_t start = own.empty() ? std::string::npos : sql.find(own);
  if (start == std::string::npos || line == 0) return 0;
  const auto lines = [](std::string_view text) { return std::ranges::count(text, '\n'); };
  const std::int64_t before = lines(std::string_view(sql).substr(0, start));
  const std::int64_t within = line - before;
  return within >= 1 && within <= lines(own) + 1 ? within + 1 : 0;
}

/// The engine's error where the node's own SQL is to blame, else the template's, which shows the statement.
Error Placed(const RenderContext& context, const std::string& own, Error error) {
  // The built-in macros are no place to look at.
  const Node& node = *context.node();
  if (error.file().starts_with("built-in ")) {
    error = Error(error.code(), error.message()).Hint(error.hint()).At(node.file, node.line);
  }
  const auto& failure = context.database()->failure();
  if (!failure || failure->error.file() != "SQL") return error;
  const std::int64_t line = LineInNode(failure->sql, own, failure->error.line());
  if (line == 0) return error;
  return Error(failure->error.code(), failure->error.message())
      .Hint(failure->error.hint())
      .At("SQL", line, failure->error.column());
}

/// What the statement called 'main' answered.
void ReadMain(const RenderContext& context, Materialization& result) {
  const auto& results = context.statement_results();
  const auto main = results.find("main");
  if (main == results.end()) return;
  const auto response = main->second.object().Attribute("response");
  if (response && response->is_object()) {
    const auto rows = response->object().Attribute("rows_affected");
    if (rows && rows->is_integral()) result.rows_affected = rows->integer();
  }
  const auto data = main->second.object().Attribute("data");
  if (!data || !data->is_sequence() || data->items().empty()) return;
  for (const Value& cell : data->items().front().items()) result.first_row.push_back(cell.ToText());
}

}  // namespace

Result<Materialization> RunMaterialization(const ProjectState& project, const Node& node,
                                           const MaterializeContext& materialize) {
  const MacroEntry* macro = project.macros.FindMaterialization(node.config.materialized);
  if (macro == nullptr) {
    return Fail(
        Error(ErrorCode::kDbtUnsupported, fmt::format("there is no materialization '{}'", node.config.materialized))
            .At(node.file, node.line));
  }
  RenderFindings findings;
  RenderContext context(project, &node, RenderPhase::kRun, findings);
  context.set_run(materialize.compile.session, materialize.compile.run_id);
  DatabaseAccess& database = *context.database();
  database.AllowTransactions(materialize.on_begin, materialize.before_commit);
  SetNames(context, node, materialize);
  auto run = [&]() -> Status {
    SMELT_TRY(Interpreter(context).Call(macro->value, {}));
    return database.Commit();
  };
  Materialization result;
  if (Status status = run(); !status) {
    database.Rollback();
    if (materialize.may_repeat != nullptr) *materialize.may_repeat = !database.has_lasting_effects();
    return Fail(Placed(context, materialize.sql, std::move(status.error())));
  }
  ReadMain(context, result);
  result.written = std::move(findings.written);
  return result;
}

}  // namespace smelt::transform
