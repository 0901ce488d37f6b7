#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace smelt {

/// The day and time of a yearly change of the clocks.
struct YearlyChange {
  enum class Kind {
    kJulian,     ///< day 1 to 365; 29 February is never counted
    kDayOfYear,  ///< day 0 to 365; 29 February counts
    kWeekday,    ///< the `week`-th `weekday` of `month`; week 5 is the last
  };
  Kind kind = Kind::kWeekday;
  int day = 0;
  int month = 1;
  int week = 1;
  int weekday = 0;  ///< 0 is Sunday
  std::chrono::seconds time{7200};

  /// The local time of the change in a year, as the clocks show it that run until then.
  std::chrono::local_seconds In(std::chrono::year year) const;
};

/// How the clocks of a zone change every year, in the form of POSIX's TZ variable as RFC 9636 extends it:
/// "EST5EDT,M3.2.0,M11.1.0". Immutable.
struct ZoneRule {
  std::chrono::seconds standard{};  ///< local time minus UTC
  std::chrono::seconds summer{};
  bool has_summer = false;
  std::string standard_name, summer_name;  ///< "CET", "CEST"
  std::array<YearlyChange, 2> changes{};   ///< to summer time and back

  /// Nothing when the text is no such rule.
  static std::optional<ZoneRule> Parse(std::string_view text);
};

}  // namespace smelt
