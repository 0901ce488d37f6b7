#include "engine/lineage.h"

#include <fmt/format.h>

#include <duckdb/parser/expression/subquery_expression.hpp>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/basetableref.hpp>
#include <duckdb/planner/planner.hpp>
#include <functional>
#include <mutex>
#include <set>
#include <vector>

#include "engine/internal/duck.h"
#include "engine/internal/engine_impl.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/lineage/plan_trace.h"

namespace smelt::engine {
namespace {

using StatementPtr = duckdb::unique_ptr<duckdb::SQLStatement>;

/// The query that `sql` is.
Result<StatementPtr> ParseQuery(duckdb::Connection& connection, std::string_view sql) {
  auto statements = connection.ExtractStatements(std::string(sql));
  if (statements.size() == 1 && statements[0]->type == duckdb::StatementType::SELECT_STATEMENT) {
    return std::move(statements[0]);
  }
  if (statements.size() == 1) {
    return Fail(Error(ErrorCode::kSqlUnsupported, fmt::format("a statement of type {} has no lineage",
                                                              duckdb::StatementTypeToString(statements[0]->type)))
                    .Hint("lineage is that of a query: give the SELECT alone"));
  }
  return Fail(Error(ErrorCode::kSqlSyntax, fmt::format("expected one query, found {} statements", statements.size()))
                  .Hint("a PIVOT without a list of values becomes several: give it IN (…)"));
}

Result<QueryLineage> TraceOn(duckdb::Connection& connection, std::string_view sql) {
  try {
    SMELT_ASSIGN(StatementPtr query, ParseQuery(connection, sql));
    QueryLineage lineage;
    connection.context->RunFunctionInTransaction([&] {
      duckdb::Planner planner(*connection.context);
      planner.CreatePlan(std::move(query));
      lineage = PlanTrace().Trace(*planner.plan, planner.names, planner.types);
    });
    return lineage;
  } catch (const std::exception& exception) {
    duckdb::ErrorData error(exception);
    error.AddErrorLocation(std::string(sql));  // adds the line, as running the query would
    return Fail(FromDuckDb(error));
  }
}

using TableNames = std::set<std::vector<std::string>>;  ///< catalogue, schema, table; the first two may be empty

/// The tables and views that a query names, itself or in its parts; names of common table expressions are among them.
void CollectTables(duckdb::QueryNode& node, TableNames& names) {
  for (auto& [name, table] : node.cte_map.map) {
    if (table->query) CollectTables(*table->query->node, names);
  }
  const auto within = [&names](duckdb::unique_ptr<duckdb::ParsedExpression>& expression) {
    duckdb::ParsedExpressionIterator::VisitExpressionMutable<duckdb::SubqueryExpression>(
        *expression,
        [&names](duckdb::SubqueryExpression& subquery) { CollectTables(*subquery.subquery->node, names); });
  };
  duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(node, within, [&names](duckdb::TableRef& ref) {
    if (ref.type != duckdb::TableReferenceType::BASE_TABLE) return;
    const auto& table = ref.Cast<duckdb::BaseTableRef>();
    names.insert({table.catalog_name, table.schema_name, table.table_name});
  });
}

/// Defines what a query refers to, as a session sees it.
Status DefineInputs(duckdb::Connection& connection, std::string_view sql, EmptyLake& lake) {
  SMELT_ASSIGN(StatementPtr query, ParseQuery(connection, sql));
  TableNames names;
  CollectTables(*query->Cast<duckdb::SelectStatement>().node, names);
  for (const std::vector<std::string>& parts : names) {
    std::string name;
    for (const std::string& part : parts) {
      if (!part.empty()) name += (name.empty() ? "" : ".") + duckdb::KeywordHelper::WriteQuoted(part, '"');
    }
    const auto described = connection.Query("describe " + name);
    if (described->HasError()) continue;  // no relation: a common table expression
    EmptyLake::Columns columns;
    for (duckdb::idx_t row = 0; row < described->RowCount(); ++row) {
      columns.emplace_back(described->GetValue(0, row).ToString(), described->GetValue(1, row).ToString());
    }
    SMELT_TRY(lake.Define(parts[1].empty() ? "main" : parts[1], parts[2], columns));
  }
  return {};
}

}  // namespace

std::string_view DerivationText(Derivation derivation) {
  switch (derivation) {
    case Derivation::kCopy: return "copy";
    case Derivation::kComputed: return "computed";
    case Derivation::kAggregated: return "aggregated";
  }
  return "";
}

Result<QueryLineage> TraceColumns(Session& session, std::string_view sql, ViewTracing views) {
  duckdb::Connection& connection = *session.impl_->connection;
  if (views == ViewTracing::kThrough) return TraceOn(connection, sql);
  SMELT_ASSIGN(auto lake, EmptyLake::Open());
  try {
    SMELT_TRY(DefineInputs(connection, sql, *lake));
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
  return lake->Trace(sql);
}

struct EmptyLake::Impl {
  std::unique_ptr<Engine> engine;
  duckdb::DuckDB* database = nullptr;
  std::mutex lock;  ///< two makers of one schema would conflict
};

EmptyLake::EmptyLake(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EmptyLake::~EmptyLake() = default;

Result<std::unique_ptr<EmptyLake>> EmptyLake::Open() {
  auto impl = std::make_unique<Impl>();
  SMELT_ASSIGN(impl->engine, Engine::OpenWithoutLake(1, ""));
  impl->database = impl->engine->impl_->database.get();
  try {
    duckdb::Connection connection(*impl->database);
    SMELT_TRY(RunSql(connection, "detach lake"));
    SMELT_TRY(RunSql(connection, "attach ':memory:' as lake"));
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
  return std::unique_ptr<EmptyLake>(new EmptyLake(std::move(impl)));
}

Status EmptyLake::Define(std::string_view schema, std::string_view table, const Columns& columns) {
  if (columns.empty()) return Fail(ErrorCode::kSqlBinding, fmt::format("{}.{} has no columns", schema, table));
  std::string list;
  for (const auto& [name, type] : columns) {
    // The type of a bare NULL has no name in SQL.
    list += fmt::format("{}{} {}", list.empty() ? "" : ", ", duckdb::KeywordHelper::WriteQuoted(name, '"'),
                        type.empty() || type == "\"NULL\"" || type == "NULL" ? "INTEGER" : type);
  }
  const std::string quoted = duckdb::KeywordHelper::WriteQuoted(std::string(schema), '"');
  try {
    const std::lock_guard guard(impl_->lock);
    duckdb::Connection connection(*impl_->database);
    SMELT_TRY(RunSql(connection, "use lake"));
    SMELT_TRY(RunSql(connection, fmt::format("create schema if not exists lake.{}", quoted)));
    return RunSql(connection, fmt::format("create or replace table lake.{}.{} ({})", quoted,
                                          duckdb::KeywordHelper::WriteQuoted(std::string(table), '"'), list));
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
}

Result<QueryLineage> EmptyLake::Trace(std::string_view sql) {
  try {
    duckdb::Connection connection(*impl_->database);
    SMELT_TRY(RunSql(connection, "use lake"));
    return TraceOn(connection, sql);
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
}

}  // namespace smelt::engine
