#pragma once

#include <string_view>

namespace smelt::transform {

/// Whether a text matches a shell pattern as a whole: `*` is any text, `?` any character, `[a-c]` and `[!a-c]` one of
/// or none of some. Nothing but these is special; case counts.
bool MatchesPattern(std::string_view pattern, std::string_view text);

/// Whether there is `*`, `?` or a bracket in a text.
bool HasWildcard(std::string_view text);

/// Whether a path, "models/silver/orders.sql", matches a pattern of one: each part by itself, `**` any number of
/// folders.
bool MatchesPath(std::string_view pattern, std::string_view path);

}  // namespace smelt::transform
