#include "engine/internal/run_statement.h"

#include <algorithm>
#include <charconv>
#include <duckdb/parser/statement/transaction_statement.hpp>
#include <filesystem>
#include <optional>

#include "base/retry.h"
#include "engine/internal/await.h"
#include "engine/internal/delta_words.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/maintenance/maintenance.h"
#include "engine/internal/missing_table.h"
#include "engine/internal/plain_insert.h"
#include "engine/internal/schema_evolution.h"
#include "engine/memory.h"

namespace smelt::engine {
namespace {

/// A statement that loses against a concurrent writer is run again this often.
constexpr RetryPolicy kConflictRetry{.attempts_max = 20, .delay_ms = 5, .delay_max_ms = 500, .multiplier = 1.6};

/// What a statement failed of: where the lake is not there at all, that is why its tables are not found.
Error Explain(Session::Impl& impl, Error error) {
  if (impl.without_lake && error.message().contains("attached in read-only mode")) {
    return Error(ErrorCode::kUsage, "there is no lake to write to")
        .Hint("name one with --lake DIR or SMELT_LAKE; copy (…) to 'file' and temporary tables need none");
  }
  if (impl.awaited_lake.empty() || error.code() != ErrorCode::kSqlCatalog) return error;
  if (error.message().starts_with("there is no schema")) return error;  // of a table that is to be made
  std::error_code ignored;
  return std::filesystem::is_directory(impl.awaited_lake, ignored) ? error : NoLake(impl.awaited_lake);
}

duckdb::unique_ptr<duckdb::PendingQueryResult> Begin(duckdb::ClientContext& context,
                                                     const duckdb::SQLStatement& statement, const NamedValues& values,
                                                     bool stream) {
  const duckdb::QueryParameters parameters(stream);
  std::optional<WithoutOptimizer> plain;
  if (IsPlainInsert(statement)) plain.emplace(context);
  if (values.empty()) return context.PendingQuery(statement.Copy(), parameters);
  NamedValues copy = values;
  return context.PendingQuery(statement.Copy(), copy, parameters);
}

/// Runs a statement after those that make room for what it brings, all in one transaction.
duckdb::unique_ptr<duckdb::QueryResult> RunEvolved(duckdb::Connection& connection,
                                                   const std::vector<std::string>& changes,
                                                   const duckdb::SQLStatement& statement, const NamedValues& values) {
  const bool is_alone = connection.IsAutoCommit();
  if (is_alone) connection.BeginTransaction();
  duckdb::unique_ptr<duckdb::QueryResult> result;
  for (const std::string& change : changes) {
    result = connection.Query(change);
    if (result->HasError()) break;
  }
  if (!result->HasError()) {
    result = Await(*Begin(*connection.context, statement, values, false));
  }
  if (!is_alone) return result;
  if (result->HasError()) {
    connection.Rollback();
    return result;
  }
  auto committed = connection.Query("commit");
  if (committed->HasError()) return committed;
  return result;
}

/// Whether rows of a statement may be handed out before it has committed.
bool MayStream(const duckdb::SQLStatement& statement) {
  switch (statement.type) {
    case duckdb::StatementType::INSERT_STATEMENT:
    case duckdb::StatementType::UPDATE_STATEMENT:
    case duckdb::StatementType::DELETE_STATEMENT:
    case duckdb::StatementType::MERGE_INTO_STATEMENT: return false;
    default: return true;
  }
}

bool IsRollback(const duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::TRANSACTION_STATEMENT) return false;
  return statement.Cast<duckdb::TransactionStatement>().info->type == duckdb::TransactionType::ROLLBACK;
}

}  // namespace

void DropNotes(ConnectionState& state) {
  std::lock_guard guard(state.lock);
  state.notes.clear();
}

Error TakeError(Session::Impl& impl, const duckdb::ErrorData& error) {
  ConnectionState& state = impl.state();
  if (error.Type() == duckdb::ExceptionType::TRANSACTION) {
    std::lock_guard guard(state.lock);
    if (auto commit_error = std::exchange(state.commit_error, {})) return *std::move(commit_error);
  }
  Error taken = FromDuckDb(error);
  if (taken.code() == ErrorCode::kSqlOutOfMemory) ReturnMemory();  // others are short of it now
  return SuggestTables(std::move(taken), error, *impl.lake);
}

Error TakeException(Session::Impl& impl, const std::string& text) {
  try {
    throw;
  } catch (const std::exception& exception) {
    const duckdb::ErrorData data(exception);
    Error error = SuggestForm(SuggestTables(FromDuckDb(data), data, *impl.lake), text);
    return Explain(impl, PlacedIn(text, data, std::move(error)));
  }
}

Error PlacedIn(const std::string& text, const duckdb::ErrorData& data, Error error) {
  const auto found = data.ExtraInfo().find("position");
  if (found == data.ExtraInfo().end() || !error.file().empty()) return error;
  std::size_t position = 0;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), position);
  if (position > text.size()) return error;
  const std::string_view before = std::string_view(text).substr(0, position);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t line_start = before.rfind('\n') + 1;  // 0 when there is none
  return std::move(error).At("SQL", line, static_cast<std::int64_t>(position - line_start) + 1);
}

Result<duckdb::unique_ptr<duckdb::QueryResult>> RunStatement(Session::Impl& impl, const duckdb::SQLStatement& statement,
                                                             const NamedValues& values, bool stream,
                                                             const PlanCheck& check) {
  SMELT_TRY(impl.DetachRows());
  for (int attempt = 1;; ++attempt) {
    if (impl.stopped) return Fail(ErrorCode::kCancelled, "the statement was interrupted");
    SMELT_TRY(impl.lake->remote_files().ReadyFor(statement.query));
    bool autocommit = impl.connection->IsAutoCommit();
    duckdb::unique_ptr<duckdb::QueryResult> result;
    try {
      const std::vector<std::string> changes = PlanEvolution(*impl.connection, statement);
      if (changes.empty()) {
        const bool streams = stream && MayStream(statement);
        const auto planned = Begin(*impl.connection->context, statement, values, streams);
        if (check && !planned->HasError()) SMELT_TRY(check(*planned));
        result = Await(*planned);
      } else {
        result = RunEvolved(*impl.connection, changes, statement, values);
      }
    } catch (const std::exception&) {
      DropNotes(impl.state());
      return Fail(TakeException(impl, statement.query));
    }
    if (!result->HasError()) {
      if (!autocommit && IsRollback(statement)) DropNotes(impl.state());
      if (impl.connection->IsAutoCommit()) CompactAutomatically(*impl.connection->context, impl.lake);
      return result;
    }
    Error error = SuggestForm(TakeError(impl, result->GetErrorObject()), statement.query);
    if (!values.empty() || stream) error = PlacedIn(statement.query, result->GetErrorObject(), std::move(error));
    bool again = autocommit && error.code() == ErrorCode::kDeltaConflict && attempt < kConflictRetry.attempts_max;
    if (!again) {
      // Also after a COMMIT that failed: what was announced for it belongs to no later commit.
      if (impl.connection->IsAutoCommit()) DropNotes(impl.state());
      return Fail(Explain(impl, std::move(error)));
    }
    SleepFor(RetryDelayMs(kConflictRetry, attempt + 1), {});
  }
}

}  // namespace smelt::engine
