#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"

namespace smelt::transform {

/// A span of time, in microseconds since 1970 in UTC: from `start` on, before `end`; either may be open.
struct EventTimeWindow {
  std::optional<std::int64_t> start, end;
  bool operator==(const EventTimeWindow&) const = default;
};

/// What both windows hold.
EventTimeWindow Overlap(const EventTimeWindow& left, const EventTimeWindow& right);

/// "2024-01-31 12:00:00+00:00": a moment as conditions on event times write it.
std::string MomentText(std::int64_t micros);

/// The window of --sample: "3 days" before `now_micros`, or "{start: 2024-01-01, end: 2024-02-01}".
/// Errors: kUsage.
Result<EventTimeWindow> ParseSample(const std::string& text, std::int64_t now_micros);

/// The window of --event-time-start and --event-time-end; nothing when neither is given. Errors: kUsage when one of
/// them is missing, is no time, or the start is not before the end.
Result<std::optional<EventTimeWindow>> ParseEventTimes(const std::string& start, const std::string& end);

}  // namespace smelt::transform
