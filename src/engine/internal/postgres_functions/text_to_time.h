#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/internal/postgres_functions/time_pattern.h"

namespace smelt::engine::postgres {

/// A point of time as a text tells it.
struct ReadTime {
  std::int64_t micros = 0;              ///< since 1970-01-01, in the zone that is meant
  std::int64_t days = 0;                ///< the day alone
  std::optional<int> offset_seconds{};  ///< of that zone, where the text tells it
};

/// Reads a text by a format, as to_date and to_timestamp do. Throws duckdb::InvalidInputException, which names the text
/// and the format, for a text that does not follow it and for a day that is none.
ReadTime TimeOfText(const TimePattern& pattern, std::string_view text);

}  // namespace smelt::engine::postgres
