#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "state/internal/database.h"

struct sqlite3;
struct sqlite3_stmt;

namespace smelt::state::internal {

/// A connection to an SQLite file.
class SqliteDatabase final : public Database {
 public:
  static Result<std::unique_ptr<SqliteDatabase>> Open(const std::string& path, std::int64_t busy_timeout_ms);

  /// Runs a script without parameters or results.
  Status Execute(const std::string& script);

  Dialect dialect() const override { return Dialect::kSqlite; }
  Result<std::int64_t> Run(std::string_view sql, const std::vector<Argument>& arguments) override;
  Status Select(std::string_view sql, const std::vector<Argument>& arguments,
                const std::function<Status(const Row&)>& each) override;
  /// Between BEGIN IMMEDIATE and COMMIT.
  Status Transaction(const std::function<Status()>& body) override;
  Result<std::int64_t> Now() override;

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  /// Ends the use of a statement that is kept for the next one.
  struct Reset {
    void operator()(sqlite3_stmt* statement) const;
  };
  using KeptStatement = std::unique_ptr<sqlite3_stmt, Finalize>;
  using StatementPtr = std::unique_ptr<sqlite3_stmt, Reset>;

  explicit SqliteDatabase(std::string path) : path_(std::move(path)) {}
  Result<StatementPtr> Prepare(std::string_view sql, const std::vector<Argument>& arguments);
  Error Translate(int code, std::string_view action) const;

  std::string path_;
  std::unique_ptr<sqlite3, Close> connection_;
  std::map<std::string, KeptStatement, std::less<>> kept_;  // before the connection goes
  std::recursive_mutex mutex_;
};

}  // namespace smelt::state::internal
