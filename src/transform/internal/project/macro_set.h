#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "transform/internal/jinja/template.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform {

/// The package of the macros that every project has.
inline constexpr std::string_view kBuiltInPackage = "dbt";

/// A macro of a package. Generic tests are called "test_<name>", materializations "materialization_<name>_<adapter>".
struct MacroEntry {
  std::string unique_id;  ///< "macro.dbt.current_timestamp"
  std::string package, name;
  std::string file;  ///< relative to its package: "macros/utils.sql"
  std::int64_t line = 1;
  jinja::Value value;
  jinja::TemplatePointer home;
  const jinja::MacroStatement* statement = nullptr;
  std::vector<const MacroEntry*> depends_on;  ///< the macros that its text names
  // What a properties file says of it.
  std::string description, properties_file;
  Json arguments = Json::array();
  Json meta = Json::object();

  /// Its text, from tag to tag.
  std::string_view Text() const;
};

/// The macros of a project: its own, those of its packages and the built-in ones. Immutable once filled; thread-safe
/// then. A template sees, in this order, the macros of its own package, of the root project, and the built-in ones;
/// those of other packages by the package's name.
class MacroSet {
 public:
  /// The built-in macros.
  static Result<MacroSet> BuiltIn();
  MacroSet(MacroSet&&) noexcept = default;
  MacroSet& operator=(MacroSet&&) noexcept = default;
  MacroSet() = default;
  ~MacroSet() = default;

  void set_root(std::string package) { root_ = std::move(package); }
  /// Adds the macros that a file of a package defines; `shown` is the file's name in messages.
  /// Errors: kJinjaSyntax, kDbtDuplicate naming both files.
  Status AddFile(const std::string& package, std::string source, const std::string& file, const std::string& shown);
  /// Finds out which macros name which. After the last AddFile.
  void Connect();

  /// The macro that a template of `package` means by `name`, or null.
  const MacroEntry* Find(std::string_view name, std::string_view package) const;
  /// The macro of just this package, or null.
  const MacroEntry* FindIn(std::string_view package, std::string_view name) const;
  MacroEntry* FindIn(std::string_view package, std::string_view name);
  /// The macro that dispatch picks when it looks through `packages` in their order: in each for duckdb__<name>, then
  /// for default__<name>; or null.
  const MacroEntry* FindDispatched(std::string_view name, const std::vector<std::string>& packages) const;
  /// The macro that dispatch picks for a template of `package` when it is told no namespace: what the template means
  /// by duckdb__<name>, else by default__<name>; or null.
  const MacroEntry* FindDispatched(std::string_view name, std::string_view package) const;
  /// The materialization that runs for `name`: one made for duckdb before a general one, then the root project's
  /// before a package's before the built-in; packages do not replace a built-in one. Null: there is none.
  const MacroEntry* FindMaterialization(std::string_view name) const;
  /// The macros that a text of `package` with these words may call.
  std::vector<const MacroEntry*> Named(const std::vector<std::string>& words, std::string_view package) const;
  /// The names of generic tests ("not_null") and of materializations, for suggestions.
  std::vector<std::string> NamesBehind(std::string_view prefix) const;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Table = std::unordered_map<std::string, std::unique_ptr<MacroEntry>, Hash, std::equal_to<>>;
  const std::map<std::string, Table, std::less<>>& packages() const { return packages_; }
  const std::string& root() const { return root_; }

  /// Identity of these macros and of all that they may call, except built-in ones.
  std::string HashOf(const std::vector<const MacroEntry*>& macros) const;

 private:
  std::string root_;
  std::map<std::string, Table, std::less<>> packages_;
};

}  // namespace smelt::transform
