#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "state/internal/database.h"
#include "state/internal/postgres_library.h"
#include "state/store_address.h"

namespace smelt::state::internal {

/// The rows that a statement gave, or how many it changed.
class PostgresResult {
 public:
  PostgresResult(const PostgresLibrary& library, PGresult* result) : library_(&library), result_(result, {&library}) {}

  int rows() const { return library_->rows(result_.get()); }
  std::string Text(int row, int column) const;
  std::int64_t Int(int row, int column) const;
  std::int64_t changed() const;
  /// "COMMIT", "ROLLBACK", "UPDATE 3".
  std::string_view command() const { return library_->command_status(result_.get()); }

 private:
  struct Clear {
    const PostgresLibrary* library;
    void operator()(PGresult* result) const { library->clear(result); }
  };
  const PostgresLibrary* library_;
  std::unique_ptr<PGresult, Clear> result_;
};

/// A row of a result that is at hand.
class ResultRow final : public Row {
 public:
  ResultRow(const PostgresResult& result, int row) : result_(result), row_(row) {}
  std::string Text(int column) const override { return result_.Text(row_, column); }
  std::int64_t Int(int column) const override { return result_.Int(row_, column); }

 private:
  const PostgresResult& result_;
  int row_;
};

/// One session on a PostgreSQL server, with its errors turned into smelt's. When it breaks it stays broken: who uses it
/// opens another one. Confined to one thread at a time.
class PostgresConnection {
 public:
  /// Connects, and looks for names in the address's schema, whether there is one or not. A statement waits for a lock
  /// up to `busy_timeout_ms`. Errors: kStateUnavailable.
  static Result<std::unique_ptr<PostgresConnection>> Open(const StoreAddress& address, std::int64_t busy_timeout_ms);
  ~PostgresConnection();

  /// Runs a script without parameters; the result is that of its last statement.
  Result<PostgresResult> Execute(const std::string& script);
  /// Runs one statement with SQLite's parameters. Statements are prepared once.
  Result<PostgresResult> Execute(std::string_view sql, const std::vector<Argument>& arguments);

  /// Whether the session is over; asks the socket, too, so that an end which came while nothing was asked is seen.
  bool IsBroken();
  /// What poll(2) waits on for notifications.
  int descriptor() const { return library_->socket(connection_.get()); }
  /// Takes the notifications that have come. Returns whether there were any.
  bool TakeNotifications();

 private:
  struct Finish {
    const PostgresLibrary* library;
    void operator()(PGconn* connection) const { library->finish(connection); }
  };
  PostgresConnection(const PostgresLibrary& library, StoreAddress address, PGconn* connection)
      : library_(&library), address_(std::move(address)), connection_(connection, {&library}) {}
  Result<PostgresResult> Check(PGresult* result);
  Result<std::string> Prepare(std::string_view sql);
  Error Translate(const PGresult* result) const;

  const PostgresLibrary* library_;
  StoreAddress address_;
  std::unique_ptr<PGconn, Finish> connection_;
  std::map<std::string, std::string, std::less<>> prepared_;  ///< names of statements by their SQL
};

/// SQLite's parameters `?` and `?3` as PostgreSQL's `$1` and `$3`.
std::string WithPostgresParameters(std::string_view sql);
/// A text as PostgreSQL takes it: UTF-8 and without zero bytes; what is neither becomes U+FFFD.
std::string WithSoundCharacters(std::string_view text);

}  // namespace smelt::state::internal
