#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::state::internal {

/// A value bound to a parameter.
struct Argument {
  Argument(std::int64_t value) : integer(value) {}     // NOLINT(google-explicit-constructor)
  Argument(std::string_view value) : text(value) {}    // NOLINT(google-explicit-constructor)
  Argument(const std::string& value) : text(value) {}  // NOLINT(google-explicit-constructor)
  std::int64_t integer = 0;
  std::optional<std::string_view> text;
};

/// What a LIMIT takes for "all": SQLite alone has negative ones.
constexpr std::int64_t kNoLimit = INT64_MAX;

/// The current row of a query. Valid during the callback only.
class Row {
 public:
  virtual ~Row() = default;
  /// NULL reads as empty text and as 0.
  virtual std::string Text(int column) const = 0;
  virtual std::int64_t Int(int column) const = 0;
};

/// Whose SQL a database speaks.
enum class Dialect : std::uint8_t { kSqlite, kPostgres };

/// One connection to a state database, with its errors turned into smelt's. The SQL of the stores is what SQLite and
/// PostgreSQL both understand, with SQLite's parameters `?` or `?1`. Thread-safe: calls take turns.
class Database {
 public:
  virtual ~Database() = default;
  virtual Dialect dialect() const = 0;

  /// Runs one statement. Returns the number of rows it changed. Outside of Transaction it is one by itself.
  virtual Result<std::int64_t> Run(std::string_view sql, const std::vector<Argument>& arguments) = 0;
  /// Runs one query; `each` may stop it with an error.
  virtual Status Select(std::string_view sql, const std::vector<Argument>& arguments,
                        const std::function<Status(const Row&)>& each) = 0;
  /// Runs `body` as one transaction that no other process's write comes between; rolls back when it fails. Other
  /// threads wait. `body` begins no transaction of its own.
  virtual Status Transaction(const std::function<Status()>& body) = 0;
  /// Microseconds since the epoch on the clock that all users of the database share.
  virtual Result<std::int64_t> Now() = 0;
};

}  // namespace smelt::state::internal
