#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace smelt::serve::pg_catalog {

/// The names by which a client's statement is known to be for the catalogue. Immutable.
class Names {
 public:
  Names();

  bool IsMacro(std::string_view function) const { return scalars_.contains(function) || tables_.contains(function); }
  /// Whether a function gives one value, which may stand in FROM as a row.
  bool IsScalar(std::string_view function) const {
    return scalars_.contains(function) || function == "string_to_array";
  }
  bool IsRelation(std::string_view name) const { return relations_.contains(name); }
  bool IsInformationRelation(std::string_view name) const { return information_.contains(name); }
  /// Whether a call of it is for the catalogue even where nothing else is: the lake's engine has no such function, or
  /// answers otherwise.
  bool IsOnlyOfPostgres(std::string_view function) const;

 private:
  std::set<std::string, std::less<>> scalars_;  ///< macros that give a value
  std::set<std::string, std::less<>> tables_;   ///< those that give rows
  std::set<std::string, std::less<>> relations_;
  std::set<std::string, std::less<>> information_;
};

/// Whether a cast to this type is for the catalogue: regclass, regtype …
bool IsRegType(std::string_view lower);

}  // namespace smelt::serve::pg_catalog
