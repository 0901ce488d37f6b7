#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/time_zone.h"
#include "pipeline/cron.h"

namespace smelt::pipeline {

/// "15 m", "450 s", "250 ms": a time in the largest unit that it is a whole number of.
std::string IntervalText(std::int64_t micros);

/// The instants at which a pipeline is due: those of a cron schedule on the clocks of a time zone, or every so often.
///
/// Where the clocks are put forward, a time that they skip counts as the moment at which they skip it, so that a day
/// loses no run; where they are put back, a time that comes twice counts once, at the first. A schedule whose hour is
/// `*` counts hours as they pass instead: nothing for the skipped ones, twice for the doubled ones. Immutable.
class Timetable {
 public:
  /// `zone` is where the schedule is read.
  Timetable(CronSchedule schedule, TimeZone zone);
  /// Every `interval_us` microseconds (1 or more), counted from `anchor_us`, which is such an instant.
  Timetable(std::int64_t interval_us, std::int64_t anchor_us);

  /// The first instant after `after_us`, in microseconds since the epoch; nothing when there is none.
  std::optional<std::int64_t> NextAfter(std::int64_t after_us) const;
  /// The last instant before `before_us`.
  std::optional<std::int64_t> PreviousBefore(std::int64_t before_us) const;

  /// "0 2 * * * America/Sao_Paulo", "every 15 m": as people read it.
  std::string Describe() const;

 private:
  struct Cron {
    CronSchedule schedule;
    TimeZone zone;
  };
  struct Interval {
    std::int64_t every_us;
    std::int64_t anchor_us;
  };
  std::variant<Cron, Interval> rule_;
};

}  // namespace smelt::pipeline
