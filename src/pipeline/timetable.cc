#include "pipeline/timetable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace smelt::pipeline {
namespace {

using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::int64_t kMicros = 1'000'000;

std::int64_t FloorDivide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

local_seconds Local(sys_seconds instant, seconds offset) {
  return local_seconds(instant.time_since_epoch() + offset);
}

sys_seconds Instant(local_seconds local, seconds offset) {
  return sys_seconds(local.time_since_epoch() - offset);
}

/// What the clocks show at the change that began a span: they jump from `before` to `after`.
struct Jump {
  local_seconds before;
  local_seconds after;
};

std::optional<Jump> JumpInto(const ZoneSpan& span) {
  if (span.begin == sys_seconds::min() || span.offset == span.offset_before) return std::nullopt;
  return Jump{Local(span.begin, span.offset_before), Local(span.begin, span.offset)};
}

/// Whether a time that the jump skips is one of the schedule's, which is then due at the jump itself.
bool DueAtJump(const CronSchedule& schedule, const std::optional<Jump>& jump) {
  if (!jump || schedule.every_hour() || jump->after <= jump->before) return false;
  const auto skipped = schedule.NextAfter(jump->before - seconds(1));
  return skipped && *skipped < jump->after;
}

/// The first local time of a span that counts, as a doubled hour counts for the span that had it first; nothing for the
/// first span of all.
std::optional<local_seconds> FirstCounted(const CronSchedule& schedule, const ZoneSpan& span,
                                          const std::optional<Jump>& jump) {
  if (span.begin == sys_seconds::min()) return std::nullopt;
  const local_seconds begin = Local(span.begin, span.offset);
  if (!jump || schedule.every_hour()) return begin;
  return std::max(begin, jump->before);
}

/// No time of a span that ends this long before another time can be that one, whatever the clocks show.
constexpr std::chrono::days kApart{3};

std::optional<sys_seconds> Next(const CronSchedule& schedule, const TimeZone& zone, sys_seconds after) {
  bool is_last = false;
  for (ZoneSpan span = zone.SpanAt(after);;) {
    const std::optional<Jump> jump = JumpInto(span);
    if (span.begin > after && DueAtJump(schedule, jump)) return span.begin;
    local_seconds from = Local(std::max(after, span.begin - seconds(span.begin > after ? 1 : 0)), span.offset);
    if (const auto first = FirstCounted(schedule, span, jump)) from = std::max(from, *first - seconds(1));
    const std::optional<local_seconds> next = schedule.NextAfter(from);
    if (span.end == sys_seconds::max()) return next ? std::optional(Instant(*next, span.offset)) : std::nullopt;
    if (next && Instant(*next, span.offset) < span.end) return Instant(*next, span.offset);
    // The last times of all may be told twice, by a clock that is put back.
    if (is_last) return std::nullopt;
    is_last = !next;
    span = zone.SpanAt(next ? std::max(span.end, Instant(*next, span.offset) - kApart) : span.end);
  }
}

std::optional<sys_seconds> Previous(const CronSchedule& schedule, const TimeZone& zone, sys_seconds before) {
  bool is_first = false;
  for (ZoneSpan span = zone.SpanAt(before - seconds(1));;) {
    const std::optional<Jump> jump = JumpInto(span);
    const std::optional<local_seconds> previous =
        schedule.PreviousBefore(Local(std::min(before, span.end), span.offset));
    const std::optional<local_seconds> first = FirstCounted(schedule, span, jump);
    if (previous && (!first || *previous >= *first)) return Instant(*previous, span.offset);
    if (DueAtJump(schedule, jump)) return span.begin;
    if (is_first || !first) return std::nullopt;
    is_first = !previous;
    const sys_seconds outside = span.begin - seconds(1);
    span = zone.SpanAt(previous ? std::min(outside, Instant(*previous, span.offset) + kApart) : outside);
  }
}

}  // namespace

std::string IntervalText(std::int64_t micros) {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 4> kUnits = {
      {{86'400 * kMicros, "d"}, {3'600 * kMicros, "h"}, {60 * kMicros, "m"}, {kMicros, "s"}}};
  for (const auto& [unit, name] : kUnits) {
    if (micros % unit == 0) return fmt::format("{} {}", micros / unit, name);
  }
  return fmt::format("{} ms", micros / 1000);
}

Timetable::Timetable(CronSchedule schedule, TimeZone zone) : rule_(Cron{std::move(schedule), std::move(zone)}) {}

Timetable::Timetable(std::int64_t interval_us, std::int64_t anchor_us) : rule_(Interval{interval_us, anchor_us}) {
  SMELT_ASSERT(interval_us > 0);
}

std::optional<std::int64_t> Timetable::NextAfter(std::int64_t after_us) const {
  if (const auto* interval = std::get_if<Interval>(&rule_)) {
    const std::int64_t count = FloorDivide(after_us - interval->anchor_us, interval->every_us);
    return interval->anchor_us + (count + 1) * interval->every_us;
  }
  const Cron& cron = std::get<Cron>(rule_);
  const auto next = Next(cron.schedule, cron.zone, sys_seconds(seconds(FloorDivide(after_us, kMicros))));
  if (!next) return std::nullopt;
  return next->time_since_epoch().count() * kMicros;
}

std::optional<std::int64_t> Timetable::PreviousBefore(std::int64_t before_us) const {
  if (const auto* interval = std::get_if<Interval>(&rule_)) {
    const std::int64_t count = FloorDivide(before_us - 1 - interval->anchor_us, interval->every_us);
    return interval->anchor_us + count * interval->every_us;
  }
  const Cron& cron = std::get<Cron>(rule_);
  const auto previous =
      Previous(cron.schedule, cron.zone, sys_seconds(seconds(FloorDivide(before_us - 1, kMicros) + 1)));
  if (!previous) return std::nullopt;
  return previous->time_since_epoch().count() * kMicros;
}

std::string Timetable::Describe() const {
  if (const auto* interval = std::get_if<Interval>(&rule_)) return "every " + IntervalText(interval->every_us);
  const Cron& cron = std::get<Cron>(rule_);
  return fmt::format("{} {}", cron.schedule.text(), cron.zone.name());
}

}  // namespace smelt::pipeline
