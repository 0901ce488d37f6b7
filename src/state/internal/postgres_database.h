#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "state/internal/database.h"
#include "state/internal/postgres_connection.h"
#include "state/store_address.h"

namespace smelt::state::internal {

/// A schema of a PostgreSQL database. Transactions take turns over all processes, as they do on an SQLite file.
///
/// When the session breaks, a new one is opened, with some patience for a server that restarts. A query is asked again.
/// A transaction leaves a number behind (`writers`), by which it can be told afterwards whether it was committed; one
/// that was not, and that has read nothing which may have changed, is written again.
class PostgresDatabase final : public Database {
 public:
  /// Connects, and makes or migrates the schema. Errors: kStateUnavailable, kStateDamaged, kStateTooNew.
  static Result<std::unique_ptr<PostgresDatabase>> Open(const StoreAddress& address, std::int64_t busy_timeout_ms);
  ~PostgresDatabase() override;

  Dialect dialect() const override { return Dialect::kPostgres; }
  Result<std::int64_t> Run(std::string_view sql, const std::vector<Argument>& arguments) override;
  Status Select(std::string_view sql, const std::vector<Argument>& arguments,
                const std::function<Status(const Row&)>& each) override;
  Status Transaction(const std::function<Status()>& body) override;
  Result<std::int64_t> Now() override;
  /// Wakes whoever listens on the schema; within a transaction, when it is committed.
  Status Notify();

 private:
  /// A statement that a transaction ran, to run it again.
  struct Statement {
    std::string sql;
    std::vector<std::string> texts;
    std::vector<Argument> arguments;
    std::int64_t changed = 0;
  };
  struct Work {
    std::int64_t number = 0;
    std::vector<Statement> done{};
    bool has_read = false;
  };

  PostgresDatabase(StoreAddress address, std::int64_t busy_timeout_ms);
  Status Connect();
  Status Begin();
  Status Commit();
  void Rollback();
  Status Resume(const Error& cause);
  Status Repeat(const Error& cause);
  Result<bool> WasCommitted();
  Result<PostgresResult> Attempt(std::string_view sql, const std::vector<Argument>& arguments);
  void Remember(std::string_view sql, const std::vector<Argument>& arguments, std::int64_t changed);

  const StoreAddress address_;
  const std::int64_t busy_timeout_ms_;
  const std::string writer_;  ///< the name of this object in `writers`
  std::recursive_mutex mutex_;
  std::unique_ptr<PostgresConnection> connection_;
  std::optional<Work> work_;  ///< the transaction that is at work
  std::int64_t number_ = 0;   ///< of the last transaction
  bool given_up_ = false;     ///< the server was waited for in vain: the next call waits no more
};

}  // namespace smelt::state::internal
