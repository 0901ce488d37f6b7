#pragma once

#include <cstdint>

namespace smelt::engine::postgres {

/// A day of the proleptic Gregorian calendar. Years are astronomical: 0 is 1 BC, -1 is 2 BC.
struct CivilDay {
  std::int64_t year = 0;
  int month = 1;  ///< from 1
  int day = 1;    ///< from 1
};

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
constexpr std::int64_t kJulianDayOfEpoch = 2'440'588;  ///< of 1970-01-01

/// The quotient that is rounded down, whatever the signs; the divisor is above zero.
constexpr std::int64_t FloorDivide(std::int64_t value, std::int64_t divisor) {
  return value / divisor - static_cast<std::int64_t>(value % divisor < 0);
}

/// Days from 1970-01-01 on. Days and months beyond their ranges count on from the first of the year.
std::int64_t DaysOf(const CivilDay& day);

/// The day that is so many days after 1970-01-01.
CivilDay DayOf(std::int64_t days);

bool IsLeapYear(std::int64_t year);

/// From 1 to 366.
int DayOfYear(const CivilDay& day);

/// From 0, a Sunday, to 6.
int DayOfWeek(std::int64_t days);

/// A day as ISO 8601 counts weeks: they begin with Mondays, and the first has the year's first Thursday.
struct IsoWeekDay {
  std::int64_t year = 0;
  int week = 1;         ///< from 1
  int day_of_year = 1;  ///< from 1, the first Monday
};
IsoWeekDay IsoWeekDayOf(std::int64_t days);

/// Days from 1970-01-01 to the Monday of the week of an ISO year.
std::int64_t DaysOfIsoWeek(std::int64_t year, std::int64_t week);

}  // namespace smelt::engine::postgres
