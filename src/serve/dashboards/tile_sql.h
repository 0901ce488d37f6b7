#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/session.h"

namespace smelt::serve {

/// What `{{ … }}` in the SQL of a tile stands for.
enum class PlaceholderKind : std::uint8_t {
  kFilter,    ///< {{ filter('state', 'o.customer_state') }}: a condition
  kValue,     ///< {{ value('state') }}, {{ value('period.from') }}: a value
  kGrain,     ///< {{ grain('date') }}: the beginning of the chosen day, week, month …
  kPrevious,  ///< {{ previous('period', 'date') }}: a condition for the period before the chosen one
};

/// The SQL of a tile, taken apart. Values of viewers never become part of its text: they are parameters. Immutable.
class TileSql {
 public:
  struct Placeholder {
    PlaceholderKind kind = PlaceholderKind::kFilter;
    std::string filter{};  ///< its name
    std::string side{};    ///< "from" or "to" of kValue, else empty
    std::string column{};  ///< SQL of the author's
    std::int64_t line = 0;
  };
  /// A piece of SQL as it stands there, and what follows it.
  struct Part {
    std::string sql{};
    std::optional<Placeholder> placeholder{};
  };

  TileSql() = default;
  /// Takes a text apart. `line` is that of its first line in `file`.
  /// Errors: kConfigValueInvalid with file and line for what is no placeholder, one within quotes, and parameters of
  /// the author's own.
  static Result<TileSql> Parse(std::string_view text, const std::string& file, std::int64_t line);

  bool empty() const { return parts_.empty(); }
  const std::vector<Part>& parts() const { return parts_; }
  std::vector<std::string> filters() const;  ///< that it takes values of, once each, in order
  bool uses_grain() const;

 private:
  std::vector<Part> parts_;
};

}  // namespace smelt::serve
