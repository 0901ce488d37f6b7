#include "state/internal/sqlite_database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <limits>

#include "base/clock.h"

namespace smelt::state::internal {

namespace {

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  std::string Text(int column) const override {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (text == nullptr) return {};
    return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }
  std::int64_t Int(int column) const override { return sqlite3_column_int64(statement_, column); }

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

void SqliteDatabase::Close::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}
void SqliteDatabase::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void SqliteDatabase::Reset::operator()(sqlite3_stmt* statement) const {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::string& path, std::int64_t busy_timeout_ms) {
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(path));
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &connection,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  database->connection_.reset(connection);  // set even when opening failed; it carries the message
  if (code != SQLITE_OK) return Fail(database->Translate(code, "open"));
  sqlite3_extended_result_codes(connection, 1);
  const std::int64_t timeout = std::clamp<std::int64_t>(busy_timeout_ms, 0, std::numeric_limits<int>::max());
  sqlite3_busy_timeout(connection, static_cast<int>(timeout));
  return database;
}

Status SqliteDatabase::Execute(const std::string& script) {
  const std::lock_guard guard(mutex_);
  const int code = sqlite3_exec(connection_.get(), script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Fail(Translate(code, "write"));
  return {};
}

Result<std::int64_t> SqliteDatabase::Run(std::string_view sql, const std::vector<Argument>& arguments) {
  const std::lock_guard guard(mutex_);
  SMELT_ASSIGN(const StatementPtr statement, Prepare(sql, arguments));
  const int code = sqlite3_step(statement.get());
  if (code != SQLITE_DONE && code != SQLITE_ROW) return Fail(Translate(code, "write"));
  return sqlite3_changes64(connection_.get());
}

Status SqliteDatabase::Select(std::string_view sql, const std::vector<Argument>& arguments,
                              const std::function<Status(const Row&)>& each) {
  const std::lock_guard guard(mutex_);
  SMELT_ASSIGN(const StatementPtr statement, Prepare(sql, arguments));
  const SqliteRow row(statement.get());
  while (true) {
    const int code = sqlite3_step(statement.get());
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return Fail(Translate(code, "read"));
    SMELT_TRY(each(row));
  }
}

Status SqliteDatabase::Transaction(const std::function<Status()>& body) {
  const std::lock_guard guard(mutex_);
  SMELT_TRY(Execute("BEGIN IMMEDIATE"));
  Status status = body();
  if (status) status = Execute("COMMIT");
  // The failure that led here is the one worth reporting; SQLite has often rolled back by itself already.
  if (!status && sqlite3_get_autocommit(connection_.get()) == 0) static_cast<void>(Execute("ROLLBACK"));
  return status;
}

Result<std::int64_t> SqliteDatabase::Now() {
  return NowMicros();
}

Result<SqliteDatabase::StatementPtr> SqliteDatabase::Prepare(std::string_view sql,
                                                             const std::vector<Argument>& arguments) {
  auto kept = kept_.find(sql);
  if (kept == kept_.end()) {
    sqlite3_stmt* made = nullptr;
    const int code = sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &made, nullptr);
    if (code != SQLITE_OK) return Fail(Translate(code, "read"));
    kept = kept_.emplace(sql, KeptStatement(made)).first;
  }
  sqlite3_stmt* raw = kept->second.get();
  SMELT_ASSERT(sqlite3_stmt_busy(raw) == 0);  // no query runs within the callback of the same query
  StatementPtr statement(raw);
  SMELT_ASSERT(sqlite3_bind_parameter_count(raw) == static_cast<int>(arguments.size()));
  int position = 0;
  for (const Argument& argument : arguments) {
    ++position;
    // The texts outlive the statement: every caller steps and resets it before it returns.
    const int bound = argument.text ? sqlite3_bind_text64(raw, position, argument.text->data(), argument.text->size(),
                                                          SQLITE_STATIC, SQLITE_UTF8)
                                    : sqlite3_bind_int64(raw, position, argument.integer);
    if (bound != SQLITE_OK) return Fail(Translate(bound, "write"));
  }
  return statement;
}

Error SqliteDatabase::Translate(int code, std::string_view action) const {
  const std::string detail = connection_ ? sqlite3_errmsg(connection_.get()) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:  // the file is sound, but its tables are not those that smelt made
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
      return Error(ErrorCode::kStateDamaged, fmt::format("the state database {} is damaged: {}", path_, detail))
          .Hint("delete the file: the tables do not depend on it, only the history of runs is lost");
    case SQLITE_FULL:
      return Error(ErrorCode::kStoreFull,
                   fmt::format("cannot {} the state database {}: the disk is full", action, path_))
          .Hint("free some space, then run again");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error(ErrorCode::kStateUnavailable,
                   fmt::format("cannot {} the state database {}: another process keeps it busy", action, path_))
          .Hint("see which program has the file open, then run again");
    default:
      return Error(ErrorCode::kStateUnavailable,
                   fmt::format("cannot {} the state database {}: {}", action, path_, detail))
          .Hint("check that the file and its folder may be written");
  }
}

}  // namespace smelt::state::internal
