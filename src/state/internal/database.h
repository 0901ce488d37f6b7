#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace smelt::state::internal {

/// A value bound to a placeholder.
struct Argument {
  Argument(std::int64_t value) : integer(value) {}     // NOLINT(google-explicit-constructor)
  Argument(std::string_view value) : text(value) {}    // NOLINT(google-explicit-constructor)
  Argument(const std::string& value) : text(value) {}  // NOLINT(google-explicit-constructor)
  std::int64_t integer = 0;
  std::optional<std::string_view> text;
};

/// The current row of a query. Valid during the callback only.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  /// NULL reads as empty text and as 0.
  std::string Text(int column) const;
  std::int64_t Int(int column) const;

 private:
  sqlite3_stmt* statement_;
};

/// One connection to an SQLite file, with SQLite's codes turned into smelt's. Thread-safe: calls take turns.
class Database {
 public:
  static Result<std::unique_ptr<Database>> Open(const std::string& path, std::int64_t busy_timeout_ms);

  /// Runs a script without placeholders or results.
  Status Execute(const std::string& script);
  /// Runs one statement. Returns the number of rows it changed.
  Result<std::int64_t> Run(std::string_view sql, const std::vector<Argument>& arguments);
  /// Runs one query; `each` may stop it with an error.
  Status Select(std::string_view sql, const std::vector<Argument>& arguments,
                const std::function<Status(const Row&)>& each);
  /// Runs `body` between BEGIN IMMEDIATE and COMMIT; rolls back when it fails. Other threads wait.
  Status Transaction(const std::function<Status()>& body);

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

  explicit Database(std::string path) : path_(std::move(path)) {}
  Result<StatementPtr> Prepare(std::string_view sql, const std::vector<Argument>& arguments);
  Error Translate(int code, std::string_view action) const;

  std::string path_;
  std::unique_ptr<sqlite3, Close> connection_;
  std::map<std::string, KeptStatement, std::less<>> kept_;  // before the connection goes
  std::recursive_mutex mutex_;
};

}  // namespace smelt::state::internal
