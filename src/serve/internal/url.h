#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smelt::serve::internal {

/// What `+` means: itself in a path, a space in a query.
enum class Plus : bool { kIsPlus, kIsSpace };

/// The text behind `%41` and the like; nothing when an escape is broken or the text has a zero byte or is not UTF-8.
std::optional<std::string> PercentDecode(std::string_view text, Plus plus);

/// The address of a request (RFC 9112, origin form), taken apart.
struct Target {
  std::string path{};                                      ///< not decoded, begins with a slash
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in their order
};

/// Nothing for another form or a broken escape.
std::optional<Target> ParseTarget(std::string_view text);

}  // namespace smelt::serve::internal
