#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt::pipeline {

/// A schedule in cron's language: minute, hour, day of month, month, day of week. Fields take `*`, values, ranges
/// (`1-5`), steps (`*/15`, `8-18/2`, `5/10`), lists and names (`mon-fri`, `jan,jul`); 0 and 7 are Sunday. `@hourly`,
/// `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly` and `@annually` are accepted. As everywhere in cron's
/// family, a day fires when it matches the day of month or the day of week if both are restricted, else the one that
/// is. Immutable.
class CronSchedule {
 public:
  /// Errors: kPipelineSchedule, naming the field, what is wrong with it and what it may hold. A schedule that can
  /// never fire ("0 0 30 2 *") is an error, too.
  static Result<CronSchedule> Parse(std::string_view text);

  /// The first minute after `after` at which the schedule fires. Both are local times of the schedule's zone: turning
  /// them into instants, across changes of daylight saving time too, is the caller's part.
  std::chrono::local_seconds NextAfter(std::chrono::local_seconds after) const;

  const std::string& text() const { return text_; }

 private:
  CronSchedule() = default;
  bool MatchesDay(std::chrono::local_days day) const;
  std::optional<std::chrono::local_seconds> FindAfter(std::chrono::local_seconds after) const;

  std::string text_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;      ///< 1 to 31
  std::bitset<13> months_;    ///< 1 to 12
  std::bitset<7> weekdays_;   ///< 0 is Sunday
  bool any_day_ = false;      ///< the day of month is `*`
  bool any_weekday_ = false;  ///< the day of week is `*`
};

/// Whether `name` is a time zone of the IANA database that this system has ("UTC" always is).
/// Errors: kPipelineSchedule.
Status CheckTimeZone(std::string_view name);

}  // namespace smelt::pipeline
