#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/id.h"
#include "transform/internal/jinja/template.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform {

/// The macros of a project over the built-in ones: dbt's generic tests, the naming of schemas and aliases, SQL that
/// differs between databases. Generic tests are called "test_<name>". Immutable once filled; thread-safe then.
class MacroSet {
 public:
  /// The built-in macros.
  static Result<MacroSet> BuiltIn();

  /// Adds the macros that a file of the project defines. Errors: kJinjaSyntax, kDbtDuplicate naming both files.
  Status AddFile(std::string source, const std::string& file);

  /// The macro called `name`, the project's own before a built-in one, or null.
  const jinja::Value* Find(std::string_view name) const;
  /// The macro that `adapter.dispatch(name)` picks: duckdb__<name>, else default__<name>; or null.
  const jinja::Value* FindDispatched(std::string_view name) const;
  /// The generic tests by name ("not_null"), for suggestions.
  std::vector<std::string> TestNames() const;

  using Table = std::map<std::string, jinja::Value, std::less<>>;
  const Table& own() const { return own_; }
  const Table& built_in() const { return built_in_; }

  /// Identity of the project's macros.
  std::string Hash() const { return hasher_.Finish(); }

 private:
  Status Add(std::string source, const std::string& file, Table& table);

  Table own_, built_in_;
  std::map<std::string, std::string, std::less<>> files_;  ///< macro → file
  ContentHasher hasher_;
};

}  // namespace smelt::transform
