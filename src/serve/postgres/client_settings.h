#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace smelt::serve::postgres {

/// The parameters of one client's connection, as SET and SHOW know them. Those that change with a transaction are put
/// back when it is rolled back. Confined.
class ClientSettings {
 public:
  ClientSettings();

  /// The value of a parameter; nothing when there is none of the name.
  std::optional<std::string> Find(std::string_view name) const;
  /// Gives a parameter a value. Names with a point are made, as PostgreSQL's extensions have them.
  /// Errors: kSqlCatalog for a name that there is not; kUsage for a value that it does not take, or that cannot change.
  Status Set(std::string_view name, std::string_view value);
  /// Back to what the connection began with.
  Status Reset(std::string_view name);
  void ResetAll();
  /// What begins now is what Reset goes back to.
  void KeepAsStart() { start_ = values_; }
  /// All, by name, as SHOW writes names.
  std::vector<std::pair<std::string, std::string>> All() const;

  /// Remembers all, until Commit or Rollback.
  void BeginTransaction() { before_ = values_; }
  void SetLocal(std::string_view name);
  void Commit();
  void Rollback();

  /// The parameters that a client is told of and that changed since the last call.
  std::vector<std::pair<std::string, std::string>> TakeReports();
  /// Milliseconds; 0 for none.
  std::int64_t statement_timeout_ms() const;

 private:
  using Values = std::map<std::string, std::string, std::less<>>;

  Values values_;  ///< by names in lower case
  Values start_;
  std::optional<Values> before_;
  std::map<std::string, std::string, std::less<>> local_;  ///< what SET LOCAL took the place of
  Values reported_;
};

/// A time as settings write it: "2s", "100ms", "1min", a number of milliseconds. Nothing for another text.
std::optional<std::int64_t> ReadMillis(std::string_view text);

}  // namespace smelt::serve::postgres
