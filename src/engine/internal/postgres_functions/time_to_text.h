#pragma once

#include <optional>
#include <string>

#include "engine/internal/postgres_functions/time_pattern.h"

namespace smelt::engine::postgres {

/// What a format of times is filled with: a point of time, taken apart, or an interval.
struct TimeParts {
  std::int64_t year = 0;  ///< 0 is 1 BC
  std::int64_t month = 0;
  std::int64_t day = 0;
  std::int64_t hour = 0;
  int minute = 0;
  int second = 0;
  int micros = 0;
  std::int64_t day_of_year = 0;
  std::int64_t days = 0;                ///< since 1970-01-01, of a point of time
  bool is_interval = false;             ///< then every number may be below zero
  std::optional<int> offset_seconds{};  ///< of a point of time with a zone
  std::string zone{};                   ///< what TZ writes of it
};

/// Takes apart a point of time in microseconds since 1970-01-01.
TimeParts PartsOfTimestamp(std::int64_t micros);

/// Takes apart the midnight that begins a day, in days since 1970-01-01.
TimeParts PartsOfDay(std::int64_t days);

/// Takes apart an interval of months, days and microseconds.
TimeParts PartsOfInterval(std::int64_t months, std::int64_t days, std::int64_t micros);

/// Appends what to_char says of a time to `out`. Throws duckdb::InvalidInputException for a field that an interval does
/// not have.
void AppendTime(const TimePattern& pattern, const TimeParts& parts, std::string& out);

/// "st", "nd", "rd" or "th": what follows a number in digits.
std::string_view OrdinalOf(std::string_view digits, bool upper);

}  // namespace smelt::engine::postgres
