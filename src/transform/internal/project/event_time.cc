#include "transform/internal/project/event_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/config.h"
#include "transform/internal/modules/calendar.h"
#include "transform/internal/modules/datetime_values.h"

namespace smelt::transform {
namespace {

using jinja::DateParts;

/// A unit of --sample: of a fixed length, or of months.
struct Grain {
  std::string_view name;
  std::int64_t micros;
  int months;
  int count_max;  ///< a thousand years
};
constexpr std::array<Grain, 4> kGrains = {Grain{"hour", jinja::kMicrosPerDay / 24, 0, 8'766'000},
                                          Grain{"day", jinja::kMicrosPerDay, 0, 365'250}, Grain{"month", 0, 1, 12'000},
                                          Grain{"year", 0, 12, 1'000}};

/// The same day and time some months earlier, or the last day of that month when it is shorter.
std::int64_t MonthsBefore(std::int64_t micros, int months) {
  DateParts parts = DateParts::FromMicros(micros);
  const int all = parts.year * 12 + (parts.month - 1) - months;
  parts.year = all / 12;
  parts.month = all % 12 + 1;
  parts.day = std::min(parts.day, jinja::DaysInMonth(parts.year, parts.month));
  return parts.ToMicros();
}

Error NotASample(const std::string& text, std::string_view why) {
  return Error(ErrorCode::kUsage, fmt::format("--sample '{}': {}", text, why))
      .Hint("write a number and hour, day, month or year, '3 days', or '{start: 2024-01-01, end: 2024-02-01}'");
}

Result<std::int64_t> Moment(const std::string& flag, const std::string& text) {
  auto micros = ParseTimestampMicros(text);
  if (micros) return micros;
  return Fail(Error(ErrorCode::kUsage, fmt::format("{}: '{}' is no date or time", flag, text))
                  .Hint("write 2024-01-31 or 2024-01-31T12:00:00, which is taken for UTC"));
}

Result<EventTimeWindow> ParseSampleMap(const std::string& text) {
  auto map = ConfigNode::ParseYaml(text, "--sample");
  if (!map || !map->is_map()) return Fail(NotASample(text, "this is no map"));
  EventTimeWindow window;
  for (const auto& [key, edge] : {std::pair("start", &window.start), std::pair("end", &window.end)}) {
    const auto value = map->Find(key);
    if (!value) return Fail(NotASample(text, fmt::format("there is no {}", key)));
    SMELT_ASSIGN(const std::string moment, value->AsString());
    SMELT_ASSIGN(*edge, Moment("--sample", moment));
  }
  return window;
}

}  // namespace

EventTimeWindow Overlap(const EventTimeWindow& left, const EventTimeWindow& right) {
  EventTimeWindow both = left;
  if (right.start) both.start = std::max(left.start.value_or(*right.start), *right.start);
  if (right.end) both.end = std::min(left.end.value_or(*right.end), *right.end);
  return both;
}

std::string MomentText(std::int64_t micros) {
  return jinja::DateTime(micros, jinja::Zone::Utc()).ToText();
}

Result<EventTimeWindow> ParseSample(const std::string& text, std::int64_t now_micros) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin != std::string::npos && text[begin] == '{') return ParseSampleMap(text);
  const std::size_t space = std::min(text.find(' '), text.size());
  int count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + space, count);
  if (failure != std::errc() || end != text.data() + space || space == text.size()) {
    return Fail(NotASample(text, "this is no window of time"));
  }
  std::string name = LowerAscii(text.substr(space + 1));
  if (name.ends_with('s')) name.pop_back();
  const auto grain = std::ranges::find(kGrains, name, &Grain::name);
  if (grain == kGrains.end()) return Fail(NotASample(text, fmt::format("'{}' is no unit of time", name)));
  if (count < 0 || count > grain->count_max) return Fail(NotASample(text, "this is too long a time"));
  EventTimeWindow window{.start = now_micros - count * grain->micros, .end = now_micros};
  if (grain->months > 0) window.start = MonthsBefore(now_micros, count * grain->months);
  return window;
}

Result<std::optional<EventTimeWindow>> ParseEventTimes(const std::string& start, const std::string& end) {
  if (start.empty() && end.empty()) return std::optional<EventTimeWindow>();
  if (start.empty() || end.empty()) {
    return Fail(Error(ErrorCode::kUsage, start.empty() ? "--event-time-end is given without --event-time-start"
                                                       : "--event-time-start is given without --event-time-end")
                    .Hint("give both, or neither"));
  }
  EventTimeWindow window;
  SMELT_ASSIGN(window.start, Moment("--event-time-start", start));
  SMELT_ASSIGN(window.end, Moment("--event-time-end", end));
  if (*window.start < *window.end) return std::optional(window);
  return Fail(ErrorCode::kUsage, fmt::format("--event-time-start {} is not before --event-time-end {}", start, end));
}

}  // namespace smelt::transform
