#include "state/internal/postgres_database.h"

#include <fmt/format.h>

#include <utility>

#include "base/clock.h"
#include "base/id.h"
#include "base/retry.h"
#include "state/internal/postgres_schema.h"

namespace smelt::state::internal {
namespace {

/// How long a server that restarts is waited for.
constexpr double kPatienceSeconds = 15;
constexpr std::int64_t kPauseMs = 100;
/// How often one call starts anew because its session broke.
constexpr int kAttemptsMax = 4;

Status EachRow(const PostgresResult& result, const std::function<Status(const Row&)>& each) {
  for (int row = 0; row < result.rows(); ++row) SMELT_TRY(each(ResultRow(result, row)));
  return {};
}

}  // namespace

PostgresDatabase::PostgresDatabase(StoreAddress address, std::int64_t busy_timeout_ms)
    : address_(std::move(address)), busy_timeout_ms_(busy_timeout_ms), writer_(NewUuid()) {}

Result<std::unique_ptr<PostgresDatabase>> PostgresDatabase::Open(const StoreAddress& address,
                                                                 std::int64_t busy_timeout_ms) {
  SMELT_TRY(CheckSchemaName(address.schema));
  std::unique_ptr<PostgresDatabase> database(new PostgresDatabase(address, busy_timeout_ms));
  SMELT_ASSIGN(database->connection_, PostgresConnection::Open(address, busy_timeout_ms));
  SMELT_TRY(PreparePostgresSchema(*database->connection_, address));
  return database;
}

PostgresDatabase::~PostgresDatabase() {
  if (number_ == 0 || !connection_ || connection_->IsBroken()) return;
  // Its number is of no use any more, and neither are those of the dead; nothing depends on this, so nothing waits for
  // it.
  static_cast<void>(connection_->Execute(
      fmt::format("BEGIN; SET LOCAL synchronous_commit = off; DELETE FROM writers WHERE id = '{}' OR at < now() - "
                  "interval '7 days'; COMMIT",
                  writer_)));
}

/// Opens a new session if there is none. Waits for a server that restarts, but only once: while it stays away, further
/// calls fail at once.
Status PostgresDatabase::Connect() {
  if (connection_ && !connection_->IsBroken()) return {};
  connection_.reset();
  const double give_up_at = MonotonicSeconds() + kPatienceSeconds;
  while (true) {
    auto opened = PostgresConnection::Open(address_, busy_timeout_ms_);
    if (opened) {
      connection_ = std::move(*opened);
      given_up_ = false;
      return {};
    }
    if (given_up_ || MonotonicSeconds() >= give_up_at) {
      given_up_ = true;
      return Fail(opened.error());
    }
    SleepFor(kPauseMs, {});
  }
}

Result<PostgresResult> PostgresDatabase::Attempt(std::string_view sql, const std::vector<Argument>& arguments) {
  if (connection_) return connection_->Execute(sql, arguments);
  return Fail(ErrorCode::kStateUnavailable, fmt::format("the state database {} has gone away", address_.Describe()));
}

Result<std::int64_t> PostgresDatabase::Run(std::string_view sql, const std::vector<Argument>& arguments) {
  const std::lock_guard guard(mutex_);
  if (!work_) {
    std::int64_t changed = 0;
    SMELT_TRY(Transaction([&]() -> Status {
      SMELT_ASSIGN(changed, Run(sql, arguments));
      return {};
    }));
    return changed;
  }
  auto result = Attempt(sql, arguments);
  if (!result && (!connection_ || connection_->IsBroken())) {
    SMELT_TRY(Resume(result.error()));
    result = Attempt(sql, arguments);
  }
  if (!result) return Fail(result.error());
  const std::int64_t changed = result->changed();
  Remember(sql, arguments, changed);
  return changed;
}

Status PostgresDatabase::Select(std::string_view sql, const std::vector<Argument>& arguments,
                                const std::function<Status(const Row&)>& each) {
  const std::lock_guard guard(mutex_);
  if (work_) {
    work_->has_read = true;
    SMELT_ASSIGN(const PostgresResult result, Attempt(sql, arguments));
    return EachRow(result, each);
  }
  for (int attempt = 1;; ++attempt) {
    SMELT_TRY(Connect());
    const auto result = connection_->Execute(sql, arguments);
    if (result) return EachRow(*result, each);
    if (attempt == kAttemptsMax || !connection_->IsBroken()) return Fail(result.error());
  }
}

Status PostgresDatabase::Transaction(const std::function<Status()>& body) {
  const std::lock_guard guard(mutex_);
  SMELT_ASSERT(!work_);
  work_.emplace().number = ++number_;
  Status status = Begin();
  if (status) {
    status = body();
    if (status) {
      status = Commit();
    } else {
      Rollback();
    }
  }
  work_.reset();
  return status;
}

/// Begins on the server, alone among all writers of the schema, with the mark of this transaction.
Status PostgresDatabase::Begin() {
  const std::string script = fmt::format(
      "BEGIN; {}; INSERT INTO writers (id, number, at) VALUES ('{}', {}, now()) "
      "ON CONFLICT (id) DO UPDATE SET number = excluded.number, at = excluded.at",
      LockSchemaSql(address_), writer_, work_->number);
  for (int attempt = 1;; ++attempt) {
    SMELT_TRY(Connect());
    const auto begun = connection_->Execute(script);
    if (begun) return {};
    if (attempt == kAttemptsMax || !connection_->IsBroken()) {
      Rollback();
      return Fail(begun.error());
    }
  }
}

void PostgresDatabase::Rollback() {
  if (connection_ && !connection_->IsBroken()) static_cast<void>(connection_->Execute("ROLLBACK"));
}

/// Goes on with a transaction whose session broke before it was to be committed.
Status PostgresDatabase::Resume(const Error& cause) {
  if (work_->has_read) return Fail(cause);
  return Repeat(cause);
}

/// Writes the statements of the transaction again in a new one. What they change must be what they changed before:
/// the caller may have drawn its conclusions.
Status PostgresDatabase::Repeat(const Error& cause) {
  work_->number = ++number_;
  SMELT_TRY(Begin());
  for (const Statement& statement : work_->done) {
    SMELT_ASSIGN(const PostgresResult result, Attempt(statement.sql, statement.arguments));
    if (result.changed() == statement.changed) continue;
    Rollback();
    return Fail(cause);
  }
  return {};
}

void PostgresDatabase::Remember(std::string_view sql, const std::vector<Argument>& arguments, std::int64_t changed) {
  Statement& statement = work_->done.emplace_back();
  statement.sql = sql;
  statement.changed = changed;
  statement.texts.reserve(arguments.size());  // arguments point into it
  for (const Argument& argument : arguments) {
    if (argument.text) {
      statement.arguments.emplace_back(std::string_view(statement.texts.emplace_back(*argument.text)));
    } else {
      statement.arguments.push_back(argument);
    }
  }
}

/// Whether the transaction got through before its session broke. The lock of the schema is waited for: whoever has it
/// knows that no other transaction is on its way.
Result<bool> PostgresDatabase::WasCommitted() {
  SMELT_TRY(Connect());
  SMELT_TRY(connection_->Execute("BEGIN; " + LockSchemaSql(address_)));
  const auto found = connection_->Execute(fmt::format("SELECT number FROM writers WHERE id = '{}'", writer_));
  Rollback();
  if (!found) return Fail(found.error());
  return found->rows() == 1 && found->Int(0, 0) == work_->number;
}

Status PostgresDatabase::Commit() {
  for (int attempt = 1;; ++attempt) {
    const auto committed = connection_ ? connection_->Execute("COMMIT")
                                       : Result<PostgresResult>(Fail(ErrorCode::kStateUnavailable, "no session"));
    if (committed && committed->command() == "COMMIT") return {};
    if (committed) {
      return Fail(ErrorCode::kStateUnavailable,
                  fmt::format("the state database {} took a transaction back", address_.Describe()));
    }
    const Error& cause = committed.error();
    if (connection_ && !connection_->IsBroken()) {
      Rollback();
      return Fail(cause);
    }
    SMELT_ASSIGN(const bool through, WasCommitted());
    if (through) return {};
    if (work_->has_read || attempt == kAttemptsMax) return Fail(cause);
    SMELT_TRY(Repeat(cause));
  }
}

Result<std::int64_t> PostgresDatabase::Now() {
  std::int64_t now_us = 0;
  SMELT_TRY(Select(fmt::format("SELECT {}", kServerNowSql), {}, [&](const Row& row) -> Status {
    now_us = row.Int(0);
    return {};
  }));
  return now_us;
}

Status PostgresDatabase::Notify() {
  const std::lock_guard guard(mutex_);
  const std::string script = fmt::format("NOTIFY \"{}\"", ChannelOf(address_));
  if (!work_) SMELT_TRY(Connect());
  if (!connection_) return {};
  SMELT_TRY(connection_->Execute(script));
  return {};
}

}  // namespace smelt::state::internal
