#include "engine/internal/maintenance/command_transaction.h"

#include <fmt/format.h>

#include <duckdb/parser/parser.hpp>

#include "engine/internal/error_bridge.h"
#include "engine/internal/lake_transaction.h"
#include "engine/internal/schema_evolution.h"

namespace smelt::engine {

CommandTransaction::CommandTransaction(const CommandCall& call) : call_(call), connection_(call.lake().database()) {}

Status CommandTransaction::Begin() {
  const auto& session = duckdb::ClientConfig::GetConfig(call_.context());
  auto& config = duckdb::ClientConfig::GetConfig(*connection_.context);
  config.user_settings = session.user_settings;
  config.user_variables = session.user_variables;
  SMELT_TRY(call_.Run(connection_, "use lake"));
  SMELT_TRY(call_.Run(connection_, "begin"));
  // What the session wants recorded is recorded by this commit.
  ConnectionState& outer = ConnectionState::Of(call_.context());
  ConnectionState& inner = ConnectionState::Of(*connection_.context);
  std::scoped_lock guard(outer.lock, inner.lock);
  inner.notes = outer.notes;
  return {};
}

Result<duckdb::unique_ptr<duckdb::QueryResult>> CommandTransaction::Query(const std::string& sql) {
  return call_.Run(connection_, sql);
}

Result<std::int64_t> CommandTransaction::Change(const std::string& sql) {
  SMELT_ASSIGN(const auto result, Query(sql));
  const auto chunk = result->Fetch();
  return chunk && chunk->size() > 0 ? chunk->GetValue(0, 0).GetValue<std::int64_t>() : 0;
}

Status CommandTransaction::Evolve(const std::string& insert) {
  std::vector<std::string> changes;
  try {
    for (const auto& statement : connection_.ExtractStatements(insert)) {
      changes = PlanEvolution(connection_, *statement);
    }
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
  for (const std::string& change : changes) SMELT_TRY(Query(change));
  return {};
}

Result<bool> CommandTransaction::ReadsTables(const std::string& query) {
  try {
    return !connection_.GetTableNames(query).empty();
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
}

void CommandTransaction::Describe(const TableKey& key, const std::string& operation, Json parameters) {
  auto& catalog = duckdb::Catalog::GetCatalog(*connection_.context, "lake");
  LakeTransaction::Get(*connection_.context, catalog).SetOperation(key, operation, std::move(parameters));
}

void CommandTransaction::Mark(const TableKey& key, std::vector<TxnMark> marks) {
  ConnectionState& inner = ConnectionState::Of(*connection_.context);
  std::lock_guard guard(inner.lock);
  CommitNotes& notes = inner.notes[key];
  notes.txns.insert(notes.txns.end(), marks.begin(), marks.end());
  notes.marks_must_be_new = true;
}

Result<std::optional<std::int64_t>> CommandTransaction::Commit() {
  const auto committed = call_.Run(connection_, "commit");
  ConnectionState& outer = ConnectionState::Of(call_.context());
  ConnectionState& inner = ConnectionState::Of(*connection_.context);
  std::scoped_lock guard(outer.lock, inner.lock);
  if (!committed) return Fail(inner.commit_error ? *std::exchange(inner.commit_error, {}) : committed.error());
  std::optional<std::int64_t> version;
  outer.notes = inner.notes;
  for (CommitReport& report : inner.reports) {
    version = report.version;
    outer.reports.push_back(std::move(report));
  }
  inner.reports.clear();
  outer.to_compact.merge(inner.to_compact);
  return version;
}

std::string QualifiedName(const TableKey& key) {
  return fmt::format("lake.{}.{}", QuoteIdentifier(key.schema), QuoteIdentifier(key.table));
}

Result<std::string> CheckedQuery(const std::string& text) {
  try {
    duckdb::Parser parser;
    parser.ParseQuery(text);
    if (parser.statements.size() == 1 && parser.statements[0]->type == duckdb::StatementType::SELECT_STATEMENT) {
      return parser.statements[0]->ToString();
    }
    return Fail(ErrorCode::kSqlSyntax, fmt::format("'{}' is not one query", text));
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
}

}  // namespace smelt::engine
