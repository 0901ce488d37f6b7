#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::ingest {

/// Why a text is no value of a type, as the end of a sentence ("is not a whole number"); null when it is one.
using Problem = const char*;

/// Decimal digits with an optional sign.
Problem ParseInteger(std::string_view text, std::int64_t& value);

/// A number with at most `scale` decimals and `precision` digits; `value` is unscaled (12.5 with scale 2 is 1250).
/// Further decimals are allowed only if they are zeros. `precision` is at most 18.
Problem ParseDecimal(std::string_view text, int precision, int scale, std::int64_t& value);

/// A finite number, with an optional exponent.
Problem ParseReal(std::string_view text, double& value);

/// true/false, t/f, yes/no, y/n, 1/0 in any case.
Problem ParseBoolean(std::string_view text, std::int64_t& value);

/// "YYYY-MM-DD"; days since 1970-01-01.
Problem ParseDate(std::string_view text, std::int64_t& days);

/// ISO 8601 date and time of day with 'T' or a space between, optional seconds and up to nine decimals of them
/// (truncated to microseconds); a bare date is midnight. Microseconds since the epoch of the wall clock.
/// A zone is refused: the value would lose it.
Problem ParseTimestamp(std::string_view text, std::int64_t& micros);

/// The same with an optional zone: Z or ±hh:mm (also ±hhmm, ±hh); none means UTC.
Problem ParseTimestampTz(std::string_view text, std::int64_t& micros);

/// A layout of dates and times in the manner of strptime: %Y %m %d %H %M %S %f (fraction of a second) %y (two-digit
/// year, 69–99 are 19xx) %z (zone) %% and literal characters. Immutable.
class TimeFormat {
 public:
  /// Errors: kConfigValueInvalid (an unknown directive, or no date in it).
  static Result<TimeFormat> Compile(std::string_view format);
  /// Microseconds since the epoch, in UTC when the format has a zone.
  Problem Parse(std::string_view text, std::int64_t& micros) const;
  bool has_zone() const { return has_zone_; }
  bool has_time() const { return has_time_; }

 private:
  std::string format_;
  bool has_zone_ = false, has_time_ = false;
};

}  // namespace smelt::ingest
