#pragma once

#include <string>

#include "engine/internal/maintenance/command.h"

namespace smelt::engine {

/// A transaction that a command runs on a connection of its own. What is not committed is rolled back. Confined to one
/// thread.
class CommandTransaction {
 public:
  explicit CommandTransaction(const CommandCall& call);

  /// Begins it with the settings and variables of the session that called.
  Status Begin();
  Result<duckdb::unique_ptr<duckdb::QueryResult>> Query(const std::string& sql);
  /// Runs a statement that changes rows, and answers how many.
  Result<std::int64_t> Change(const std::string& sql);
  /// Makes room in its table for what an INSERT brings, where the session asks for schema evolution.
  Status Evolve(const std::string& insert);
  /// Whether a query names a table or view. Errors: kSql….
  Result<bool> ReadsTables(const std::string& query);
  /// What the commit is to say of itself.
  void Describe(const TableKey& key, const std::string& operation, Json parameters);
  /// Marks that the commit records, all of them new.
  void Mark(const TableKey& key, std::vector<TxnMark> marks);
  /// Commits, and tells the session of it. Answers with the table's version; nothing when nothing was to be done, or
  /// when the table had the session's mark (see session_mark.h) already, so that nothing was done.
  Result<std::optional<std::int64_t>> Commit();

 private:
  const CommandCall& call_;
  duckdb::Connection connection_;
};

/// A table's name in SQL, whatever the connection's search path.
std::string QualifiedName(const TableKey& key);

/// A text that must be one query and nothing else, ready to stand between parentheses. Errors: kSqlSyntax.
Result<std::string> CheckedQuery(const std::string& text);

}  // namespace smelt::engine
