#include "ingest/internal/value_parser.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "base/ascii.h"

namespace smelt::ingest {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
constexpr Problem kNotADate = "is not a date (YYYY-MM-DD)";
constexpr Problem kNotATimestamp = "is not a date and time (YYYY-MM-DD hh:mm:ss)";
constexpr Problem kNoSuchDay = "names a day or time that does not exist";

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsLeap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int DaysInMonth(int year, int month) {
  constexpr std::array kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar; years are counted from March.
std::int64_t DaysFromCivil(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year;
  const int era = y / 400;
  const int year_of_era = y - era * 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146'097 + day_of_era - 719'468;
}

/// The parts of a point in time while it is read.
struct Parts {
  int year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::int64_t fraction_micros = 0, offset_seconds = 0;

  Problem ToMicros(std::int64_t& micros) const {
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month)) return kNoSuchDay;
    if (hour > 23 || minute > 59 || second > 59) return kNoSuchDay;
    const std::int64_t seconds = hour * 3600 + minute * 60 + second - offset_seconds;
    micros = DaysFromCivil(year, month, day) * kMicrosPerDay + seconds * kMicrosPerSecond + fraction_micros;
    return nullptr;
  }
};

/// A position in the text; the functions below move it and return false when the text does not fit.
struct Cursor {
  std::string_view rest;

  bool Literal(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }

  /// Exactly `count` digits.
  bool Digits(std::size_t count, int& value) {
    if (rest.size() < count) return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!IsDigit(rest[i])) return false;
      value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(count);
    return true;
  }

  /// One to nine digits of a fraction, truncated to micros.
  bool Fraction(std::int64_t& micros) {
    std::size_t count = 0;
    std::int64_t unit = 100'000;
    micros = 0;
    while (count < rest.size() && IsDigit(rest[count])) {
      micros += (rest[count++] - '0') * unit;
      unit /= 10;
    }
    rest.remove_prefix(count);
    return count >= 1 && count <= 9;
  }

  /// Z, ±hh:mm, ±hhmm or ±hh.
  bool Zone(std::int64_t& offset_seconds) {
    offset_seconds = 0;
    if (Literal('Z')) return true;
    const bool negative = !rest.empty() && rest.front() == '-';
    if (!Literal('-') && !Literal('+')) return false;
    int hours = 0, minutes = 0;
    if (!Digits(2, hours) || hours > 18) return false;
    if (Literal(':') || !rest.empty()) {
      if (!Digits(2, minutes) || minutes > 59) return false;
    }
    offset_seconds = (negative ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
  }

  bool Date(Parts& parts) {
    return Digits(4, parts.year) && Literal('-') && Digits(2, parts.month) && Literal('-') && Digits(2, parts.day);
  }

  bool TimeOfDay(Parts& parts) {
    if (!Digits(2, parts.hour) || !Literal(':') || !Digits(2, parts.minute)) return false;
    if (!Literal(':')) return true;
    if (!Digits(2, parts.second)) return false;
    return !Literal('.') || Fraction(parts.fraction_micros);
  }
};

/// Reads an ISO date and time; what follows it stays in the cursor.
bool ReadIso(Cursor& cursor, Parts& parts) {
  if (!cursor.Date(parts)) return false;
  if (cursor.rest.empty()) return true;
  return (cursor.Literal(' ') || cursor.Literal('T')) && cursor.TimeOfDay(parts);
}

bool ReadDirective(char directive, Cursor& cursor, Parts& parts) {
  switch (directive) {
    case 'Y': return cursor.Digits(4, parts.year);
    case 'm': return cursor.Digits(2, parts.month);
    case 'd': return cursor.Digits(2, parts.day);
    case 'H': return cursor.Digits(2, parts.hour);
    case 'M': return cursor.Digits(2, parts.minute);
    case 'S': return cursor.Digits(2, parts.second);
    case 'f': return cursor.Fraction(parts.fraction_micros);
    case 'z': return cursor.Zone(parts.offset_seconds);
    case 'y':
      if (!cursor.Digits(2, parts.year)) return false;
      parts.year += parts.year >= 69 ? 1900 : 2000;
      return true;
    default: return cursor.Literal(directive);
  }
}

}  // namespace

Problem ParseInteger(std::string_view text, std::int64_t& value) {
  if (text.starts_with('+') && text.size() > 1 && IsDigit(text[1])) text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range && stop == end) return "is out of the range of whole numbers (64 bits)";
  return error == std::errc() && stop == end ? nullptr : "is not a whole number";
}

Problem ParseDecimal(std::string_view text, int precision, int scale, std::int64_t& value) {
  constexpr Problem kNotADecimal = "is not a decimal number";
  Cursor cursor{text};
  const bool negative = cursor.Literal('-');
  if (!negative) cursor.Literal('+');
  int digits = 0, significant = 0, decimals = 0;
  bool point = false, cut = false;
  value = 0;
  for (const char c : cursor.rest) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!IsDigit(c)) return kNotADecimal;
    ++digits;
    if (point && decimals == scale) {
      cut = cut || c != '0';
      continue;
    }
    decimals += point ? 1 : 0;
    significant += significant > 0 || c != '0' ? 1 : 0;
    if (significant > 18) return "has too many digits";
    value = value * 10 + (c - '0');
  }
  if (digits == 0) return kNotADecimal;
  if (cut) return "has more decimals than the type allows";
  for (; decimals < scale; ++decimals) {
    significant += significant > 0 ? 1 : 0;
    if (significant > 18) return "has too many digits";
    value *= 10;
  }
  if (significant > precision) return "has too many digits";
  if (negative) value = -value;
  return nullptr;
}

Problem ParseReal(std::string_view text, double& value) {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range && stop == end) return "is out of the range of numbers";
  return error == std::errc() && stop == end && std::isfinite(value) ? nullptr : "is not a number";
}

Problem ParseBoolean(std::string_view text, std::int64_t& value) {
  constexpr std::array<std::string_view, 5> kTrue = {"true", "t", "1", "yes", "y"};
  constexpr std::array<std::string_view, 5> kFalse = {"false", "f", "0", "no", "n"};
  for (std::size_t i = 0; i < kTrue.size(); ++i) {
    if (EqualsIgnoringCase(text, kTrue[i])) return value = 1, nullptr;
    if (EqualsIgnoringCase(text, kFalse[i])) return value = 0, nullptr;
  }
  return "is not true or false";
}

Problem ParseDate(std::string_view text, std::int64_t& days) {
  Cursor cursor{text};
  Parts parts;
  if (!cursor.Date(parts) || !cursor.rest.empty()) return kNotADate;
  std::int64_t micros = 0;
  if (const Problem problem = parts.ToMicros(micros)) return problem;
  days = micros / kMicrosPerDay;
  return nullptr;
}

Problem ParseTimestamp(std::string_view text, std::int64_t& micros) {
  Cursor cursor{text};
  Parts parts;
  if (!ReadIso(cursor, parts)) return kNotATimestamp;
  if (cursor.rest.empty()) return parts.ToMicros(micros);
  return cursor.Zone(parts.offset_seconds) && cursor.rest.empty() ? "has a time zone, which the type cannot keep"
                                                                  : kNotATimestamp;
}

Problem ParseTimestampTz(std::string_view text, std::int64_t& micros) {
  Cursor cursor{text};
  Parts parts;
  if (!ReadIso(cursor, parts)) return kNotATimestamp;
  if (!cursor.rest.empty() && (!cursor.Zone(parts.offset_seconds) || !cursor.rest.empty())) return kNotATimestamp;
  return parts.ToMicros(micros);
}

Result<TimeFormat> TimeFormat::Compile(std::string_view format) {
  TimeFormat compiled;
  bool year = false, month = false, day = false;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    const char directive = ++i < format.size() ? format[i] : '\0';
    if (directive == '\0' || std::string_view("YymdHMSfz%").find(directive) == std::string_view::npos) {
      return Fail(
          Error(ErrorCode::kConfigValueInvalid, fmt::format("the time format '{}' has an unknown directive", format))
              .Hint("known are %Y %y %m %d %H %M %S %f %z and %%"));
    }
    year = year || directive == 'Y' || directive == 'y';
    month = month || directive == 'm';
    day = day || directive == 'd';
    compiled.has_zone_ = compiled.has_zone_ || directive == 'z';
    compiled.has_time_ = compiled.has_time_ || std::string_view("HMSfz").find(directive) != std::string_view::npos;
  }
  if (!year || !month || !day) {
    return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("the time format '{}' has no full date", format))
                    .Hint("it needs a year (%Y or %y), a month (%m) and a day (%d)"));
  }
  compiled.format_ = format;
  return compiled;
}

Problem TimeFormat::Parse(std::string_view text, std::int64_t& micros) const {
  Cursor cursor{text};
  Parts parts;
  for (std::size_t i = 0; i < format_.size(); ++i) {
    const bool fits = format_[i] == '%' ? ReadDirective(format_[++i], cursor, parts) : cursor.Literal(format_[i]);
    if (!fits) return "does not have the layout of the column's format";
  }
  if (!cursor.rest.empty()) return "does not have the layout of the column's format";
  return parts.ToMicros(micros);
}

}  // namespace smelt::ingest
