#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

/// Texts of values as PostgreSQL writes and reads them. Pure functions.
namespace smelt::engine {

/// The most bytes that WriteReal writes.
inline constexpr std::size_t kRealTextMax = 64;

/// Writes the shortest text that reads back as the same, with an exponent below 1e-4 and from 1e15 on (real: 1e6). The
/// end of it.
char* WriteReal(double value, char* room);
char* WriteReal(float value, char* room);

/// "t", "yes", "on", "0" …: words may be cut short. Nothing for other texts.
std::optional<bool> ReadBoolean(std::string_view text);

/// The entries of {1,NULL,"a b"}. Errors: kSqlRuntime (malformed), kSqlUnsupported (of several dimensions).
Result<std::vector<std::optional<std::string>>> ReadArray(std::string_view text);

/// A text as an entry of a list that the engine reads: 'it\'s'.
std::string ListEntry(std::string_view text);

}  // namespace smelt::engine
