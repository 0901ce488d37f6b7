#include "pipeline/cron.h"

#include <algorithm>

#include "pipeline/internal/cron_parser.h"

namespace smelt::pipeline {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::year_month_day;

/// The rarest day there can be, 29 February on a given weekday around a year such as 2100, comes round within this.
constexpr days kHorizon{41 * 366};

/// The first set bit at or behind `from`; the size when there is none.
template <std::size_t kSize>
std::size_t FirstFrom(const std::bitset<kSize>& bits, std::size_t from) {
  while (from < kSize && !bits.test(from)) ++from;
  return from;
}

/// The last set bit at or before `from`; the size when there is none.
template <std::size_t kSize>
std::size_t LastUntil(const std::bitset<kSize>& bits, std::size_t from) {
  for (std::size_t i = from + 1; i > 0; --i) {
    if (bits.test(i - 1)) return i - 1;
  }
  return kSize;
}

/// A time of day as its parts.
struct Clock {
  std::size_t hour = 0, minute = 0, second = 0;
  explicit Clock(seconds time)
      : hour(static_cast<std::size_t>(time.count() / 3600)),
        minute(static_cast<std::size_t>(time.count() / 60 % 60)),
        second(static_cast<std::size_t>(time.count() % 60)) {}
};

seconds TimeOf(std::size_t hour, std::size_t minute, std::size_t second) {
  return seconds(static_cast<std::int64_t>(hour * 3600 + minute * 60 + second));
}

int LastDayOf(const year_month_day& date) {
  return static_cast<int>(static_cast<unsigned>((date.year() / date.month() / std::chrono::last).day()));
}

/// The weekday from Monday to Friday that is nearest to a day of a month, within the month.
int NearestWeekday(const year_month_day& date, int day) {
  const int last = LastDayOf(date);
  day = std::min(day, last);
  const std::chrono::weekday weekday(
      local_days(date.year() / date.month() / std::chrono::day(static_cast<unsigned>(day))));
  if (weekday == std::chrono::Saturday) return day > 1 ? day - 1 : day + 2;
  if (weekday == std::chrono::Sunday) return day < last ? day + 1 : day - 2;
  return day;
}

}  // namespace

Result<CronSchedule> CronSchedule::Parse(std::string_view text) {
  return CronParser::Parse(text);
}

bool CronSchedule::MatchesYear(std::chrono::year year) const {
  if (any_year_) return true;
  const int index = static_cast<int>(year) - kFirstYear;
  return index >= 0 && index < static_cast<int>(years_.size()) && years_.test(static_cast<std::size_t>(index));
}

bool CronSchedule::MatchesDayOfMonth(const year_month_day& date) const {
  const auto day = static_cast<int>(static_cast<unsigned>(date.day()));
  if (near_day_ > 0) return NearestWeekday(date, near_day_) == day;
  return days_.test(static_cast<std::size_t>(day)) || (last_day_ && day == LastDayOf(date));
}

bool CronSchedule::MatchesWeekday(const year_month_day& date, std::chrono::weekday weekday) const {
  const std::size_t index = weekday.c_encoding();
  if (!nth_only_) return weekdays_.test(index);
  constexpr int kWeek = 7;
  const auto day = static_cast<int>(static_cast<unsigned>(date.day()));
  const auto& nth = nth_weekdays_[index];
  const int week = (day - 1) / kWeek + 1;
  return nth.test(static_cast<std::size_t>(week)) || (nth.test(kLastInMonth) && day + kWeek > LastDayOf(date));
}

bool CronSchedule::MatchesDay(local_days day) const {
  const year_month_day date(day);
  if (!MatchesYear(date.year()) || !months_.test(static_cast<unsigned>(date.month()))) return false;
  const bool on_day = any_day_ || MatchesDayOfMonth(date);
  const bool on_weekday = any_weekday_ || MatchesWeekday(date, std::chrono::weekday(day));
  if (near_day_ > 0 && nth_only_) return on_day && on_weekday;
  if (near_day_ > 0) return on_day;
  if (nth_only_) return on_weekday;
  return any_day_ || any_weekday_ ? on_day && on_weekday : on_day || on_weekday;
}

std::optional<local_seconds> CronSchedule::NextAfter(local_seconds after) const {
  const local_seconds first = after + seconds(1);
  const local_days today = std::chrono::floor<days>(first);
  // Years that are named may lie further ahead than any day is rare.
  const local_days first_year = local_days(std::chrono::year(kFirstYear) / 1 / 1);
  const local_days horizon = any_year_ ? today + kHorizon : first_year + days(366 * static_cast<int>(years_.size()));
  for (local_days day = any_year_ ? today : std::max(today, first_year); day <= horizon; day += days(1)) {
    if (!MatchesDay(day)) continue;
    const Clock from(day == today ? first - day : seconds(0));
    for (std::size_t hour = FirstFrom(hours_, from.hour); hour < hours_.size(); hour = FirstFrom(hours_, hour + 1)) {
      const bool same_hour = hour == from.hour;
      for (std::size_t minute = FirstFrom(minutes_, same_hour ? from.minute : 0); minute < minutes_.size();
           minute = FirstFrom(minutes_, minute + 1)) {
        const std::size_t second = FirstFrom(seconds_, same_hour && minute == from.minute ? from.second : 0);
        if (second < seconds_.size()) return day + TimeOf(hour, minute, second);
      }
    }
  }
  return std::nullopt;
}

std::optional<local_seconds> CronSchedule::PreviousBefore(local_seconds before) const {
  constexpr std::size_t kLast = 59;
  const local_seconds last = before - seconds(1);
  const local_days today = std::chrono::floor<days>(last);
  const local_days first_year = local_days(std::chrono::year(kFirstYear) / 1 / 1);
  const local_days horizon = any_year_ ? today - kHorizon : first_year;
  const local_days last_year = first_year + days(366 * static_cast<int>(years_.size()));
  for (local_days day = any_year_ ? today : std::min(today, last_year); day >= horizon; day -= days(1)) {
    if (!MatchesDay(day)) continue;
    const Clock to(day == today ? last - day : days(1) - seconds(1));
    for (std::size_t hour = LastUntil(hours_, to.hour); hour < hours_.size();
         hour = hour == 0 ? hours_.size() : LastUntil(hours_, hour - 1)) {
      const bool same_hour = hour == to.hour;
      for (std::size_t minute = LastUntil(minutes_, same_hour ? to.minute : kLast); minute < minutes_.size();
           minute = minute == 0 ? minutes_.size() : LastUntil(minutes_, minute - 1)) {
        const std::size_t second = LastUntil(seconds_, same_hour && minute == to.minute ? to.second : kLast);
        if (second < seconds_.size()) return day + TimeOf(hour, minute, second);
      }
    }
  }
  return std::nullopt;
}

}  // namespace smelt::pipeline
