#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace smelt::serve::internal {

/// A day as ISO 8601 has it, "2018-01-31"; nothing for another text or a day that no calendar has.
std::optional<std::chrono::sys_days> ReadDay(std::string_view text);
std::string DayText(std::chrono::sys_days day);
/// The same day so many months later or, if negative, earlier; the last of that month where it has fewer days.
std::chrono::sys_days AddMonths(std::chrono::sys_days day, int months);

}  // namespace smelt::serve::internal
