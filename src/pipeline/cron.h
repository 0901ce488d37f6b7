#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt::pipeline {

/// A schedule in cron's language, in the dialect that croniter and with it Airflow read: minute, hour, day of month,
/// month, day of week, and behind them, where wanted, second and year (1970 to 2099).
///
/// Fields take `*`, values, ranges (`1-5`), steps (`*/15`, `8-18/2`, `5/10`), lists and names (`mon-fri`, `jan,jul`);
/// 0 and 7 are Sunday. Ranges may go round the end (`22-4`, `fri-mon`); one whose ends are equal is the whole field.
/// The day of month takes `l` (the last), `15w` (the weekday nearest to the 15th) and `?`; the day of week takes
/// `fri#2` (the second Friday), `l5` (the last Friday) and `?`. `@hourly`, `@daily`, `@midnight`, `@weekly`,
/// `@monthly`, `@yearly` and `@annually` stand alone.
///
/// A day fires when it matches the day of month or the day of week if both are restricted, else the one that is.
/// `fri#2`, `l5` and `15w` restrict by themselves: the other field does not add days to theirs. Immutable.
class CronSchedule {
 public:
  /// Errors: kPipelineSchedule, naming the field, what is wrong with it and what it may hold. A schedule that can
  /// never fire ("0 0 30 2 *") is an error, too.
  static Result<CronSchedule> Parse(std::string_view text);

  /// The first second after `after` at which the schedule fires; nothing when its years are over. Both are local times:
  /// what they mean across changes of the clocks is the part of Timetable.
  std::optional<std::chrono::local_seconds> NextAfter(std::chrono::local_seconds after) const;
  /// The last second before `before` at which it fires.
  std::optional<std::chrono::local_seconds> PreviousBefore(std::chrono::local_seconds before) const;

  /// Whether the hour is `*`: the schedule then counts hours as they pass, not as they are called.
  bool every_hour() const { return hours_.all(); }
  const std::string& text() const { return text_; }

 private:
  friend struct CronParser;
  CronSchedule() = default;
  bool MatchesDay(std::chrono::local_days day) const;
  bool MatchesDayOfMonth(const std::chrono::year_month_day& date) const;
  bool MatchesWeekday(const std::chrono::year_month_day& date, std::chrono::weekday weekday) const;
  bool MatchesYear(std::chrono::year year) const;

  static constexpr int kFirstYear = 1970;
  static constexpr std::size_t kLastInMonth = 0;

  std::string text_;
  std::bitset<60> seconds_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;                        ///< 1 to 31
  std::bitset<13> months_;                      ///< 1 to 12
  std::bitset<7> weekdays_;                     ///< 0 is Sunday
  std::bitset<130> years_;                      ///< from kFirstYear; used if any_year_ is not set
  std::array<std::bitset<6>, 7> nth_weekdays_;  ///< which of each weekday: 1 to 5, kLastInMonth
  bool last_day_ = false;                       ///< `l` in the day of month
  int near_day_ = 0;                            ///< `15w`; 0: none
  bool any_day_ = false;                        ///< the day of month restricts nothing
  bool any_weekday_ = false;
  bool nth_only_ = false;  ///< nth_weekdays_ instead of weekdays_
  bool any_year_ = true;
};

}  // namespace smelt::pipeline
