#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace smelt::transform {

/// Units of time, the finest first.
enum class Grain { kMillisecond, kSecond, kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kYear };

/// Nothing for what is no unit.
std::optional<Grain> ParseGrain(std::string_view text);
std::string_view GrainText(Grain grain);

/// A number of units: "7 days".
struct GrainWindow {
  int count = 0;
  Grain grain = Grain::kDay;
  /// As SQL: "interval 7 day".
  std::string Sql() const;
  bool operator==(const GrainWindow&) const = default;
};

/// The beginning of the period that a time is in, as SQL: a date, of grains finer than a day a timestamp.
std::string Truncated(Grain grain, std::string_view time);

/// Parts of a time that can be grouped by: "month" of "extract_month".
bool IsDatePart(std::string_view text);

}  // namespace smelt::transform
