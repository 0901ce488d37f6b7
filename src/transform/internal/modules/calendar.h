#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smelt::transform::jinja {

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000, kSecondsPerDay = 86'400;
inline constexpr std::int64_t kMicrosPerDay = kSecondsPerDay * kMicrosPerSecond;
inline constexpr int kYearMin = 1, kYearMax = 9999;

/// A day and a time of day by their parts, of the proleptic Gregorian calendar.
struct DateParts {
  int year = 1900, month = 1, day = 1;
  int hour = 0, minute = 0, second = 0, micro = 0;

  /// Microseconds from the start of 1970, zones left aside.
  std::int64_t ToMicros() const;
  static DateParts FromMicros(std::int64_t micros);
  /// Why the parts are no point in time; empty when they are one.
  std::string_view Problem() const;
};

std::int64_t DaysFromCivil(int year, int month, int day);
int DaysInMonth(int year, int month);
/// 0 is Monday.
int Weekday(std::int64_t days_since_1970);
int DayOfYear(const DateParts& parts);
/// The year and week of ISO 8601 that a day lies in.
struct IsoWeek {
  int year = 0, week = 0, weekday = 1;
};
IsoWeek ToIsoWeek(std::int64_t days_since_1970);

/// What strftime writes of a zone.
struct ZoneText {
  std::optional<std::int64_t> offset_seconds;
  std::string name;
};

/// "+02:00", with seconds when there are any; `separator` stands between the parts.
std::string OffsetText(std::int64_t offset_seconds, std::string_view separator);

/// strftime of the C locale. Directives that it does not know stay as they are.
std::string FormatDate(const DateParts& parts, const ZoneText& zone, std::string_view format);

/// What strptime read.
struct ParsedDate {
  DateParts parts;
  std::optional<std::int64_t> offset_seconds;
};
/// strptime of the C locale; nothing when the text does not fit the format, or the format has an unknown directive.
std::optional<ParsedDate> ParseDate(std::string_view text, std::string_view format);

/// A date or time of ISO 8601 as Python's fromisoformat reads it; `has_date` and `has_time` say what must be there.
std::optional<ParsedDate> ParseIsoDate(std::string_view text, bool has_date, bool has_time);

/// "12:30:00", with ".000123" when there are microseconds.
std::string TimeText(const DateParts& parts);
std::string DayText(const DateParts& parts);

}  // namespace smelt::transform::jinja
