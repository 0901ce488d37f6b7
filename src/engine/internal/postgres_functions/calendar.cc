#include "engine/internal/postgres_functions/calendar.h"

namespace smelt::engine::postgres {
namespace {

constexpr std::int64_t kDaysPerEra = 146'097;  // of 400 years
constexpr std::int64_t kDaysToEpoch = 719'468;

/// From 0, a Monday, to 6.
std::int64_t DaysAfterMonday(std::int64_t days) {
  return (days % 7 + 7 + 3) % 7;
}

}  // namespace

std::int64_t DaysOf(const CivilDay& day) {
  const std::int64_t months = day.month - 1;
  const std::int64_t month = months - FloorDivide(months, 12) * 12 + 1;
  // Years begin in March here, so that a leap day is the last of its year.
  const std::int64_t year = day.year + FloorDivide(months, 12) - static_cast<std::int64_t>(month <= 2);
  const std::int64_t era = FloorDivide(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPerEra + day_of_era - kDaysToEpoch + day.day - 1;
}

CivilDay DayOf(std::int64_t days) {
  const std::int64_t since = days + kDaysToEpoch;
  const std::int64_t era = FloorDivide(since, kDaysPerEra);
  const std::int64_t day_of_era = since - era * kDaysPerEra;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const auto month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {era * 400 + year_of_era + static_cast<std::int64_t>(month <= 2), month,
          static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

bool IsLeapYear(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int DayOfYear(const CivilDay& day) {
  return static_cast<int>(DaysOf(day) - DaysOf({day.year, 1, 1})) + 1;
}

int DayOfWeek(std::int64_t days) {
  return static_cast<int>((DaysAfterMonday(days) + 1) % 7);
}

IsoWeekDay IsoWeekDayOf(std::int64_t days) {
  const std::int64_t thursday = days - DaysAfterMonday(days) + 3;
  const std::int64_t year = DayOf(thursday).year;
  const std::int64_t since = days - DaysOfIsoWeek(year, 1);
  return {year, static_cast<int>(since / 7) + 1, static_cast<int>(since) + 1};
}

std::int64_t DaysOfIsoWeek(std::int64_t year, std::int64_t week) {
  const std::int64_t fourth = DaysOf({year, 1, 4});
  return fourth - DaysAfterMonday(fourth) + (week - 1) * 7;
}

}  // namespace smelt::engine::postgres
