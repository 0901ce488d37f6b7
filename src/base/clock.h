#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt {

/// Microseconds since 1970-01-01T00:00:00Z of the wall clock. Thread-safe.
std::int64_t NowMicros();
/// Milliseconds since the epoch of the wall clock. Thread-safe.
std::int64_t NowMillis();
/// Seconds of a clock that never goes back, for durations. Thread-safe.
double MonotonicSeconds();

/// "2018-05-24T06:00:00.123456Z".
std::string FormatUtcMicros(std::int64_t micros);
/// Parses ISO 8601 with 'T' or a space, optional seconds with an optional fraction (up to 9 digits, truncated to
/// micros) and optional zone ("Z" or ±hh:mm; none means UTC); a bare date is midnight. Errors: kConfigValueInvalid.
Result<std::int64_t> ParseTimestampMicros(std::string_view text);

}  // namespace smelt
