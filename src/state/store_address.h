#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/secret.h"

namespace smelt::state {

/// Where the state of a lake is kept: in an SQLite file, or in a schema of a PostgreSQL database that several machines
/// share. A value type.
struct StoreAddress {
  StoreAddress() = default;
  StoreAddress(std::string file) : path(std::move(file)) {}  // NOLINT(google-explicit-constructor): a path is one

  bool is_file() const { return url.empty(); }
  /// For people: the path, or "postgresql://user@host:port/database, schema smelt". It never holds a password.
  std::string Describe() const;

  std::string path{};              ///< of the file
  std::string url{};               ///< "postgresql://…" without a password; empty: a file
  Secret password{};               ///< empty: PGPASSWORD, ~/.pgpass, or none is needed
  std::string schema = "smelt";    ///< holds the state of one lake
  std::string lake{};              ///< the address of that lake; a schema refuses every other one
  std::int64_t lease_ms = 10'000;  ///< a holder of a lock that has said nothing for so long may be taken for dead
};

/// Whether a text names a PostgreSQL database.
bool IsPostgresUrl(std::string_view text);
/// Takes "postgresql://user:password@host:port/database?options" apart; the password is kept apart from the rest.
/// Errors: kConfigValueInvalid, which repeats nothing of the text.
Result<StoreAddress> ParsePostgresUrl(std::string_view text);
/// Errors: kConfigValueInvalid unless the text may be the name of a schema: small letters, digits and _, up to 50.
Status CheckSchemaName(std::string_view name);

}  // namespace smelt::state
