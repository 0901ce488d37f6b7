#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::engine::postgres {

/// What one pattern of a format of times stands for.
enum class TimeField : std::uint8_t {
  kText,       ///< what is no pattern: a character of its own
  kSpace,      ///< the same, a space
  kSeparator,  ///< the same, of ASCII, neither letter nor digit
  kMeridiem,
  kMeridiemDotted,
  kEra,
  kEraDotted,
  kCentury,
  kDayName,
  kDayNameShort,
  kDayOfYear,
  kDayOfMonth,
  kDayOfWeek,
  kFraction,  ///< FF1 … FF6, MS and US: `digits` of them
  kExact,     ///< FX
  kHour24,
  kHour12,
  kIsoDayOfYear,
  kIsoDayOfWeek,
  kIsoWeek,
  kIsoYear,  ///< `digits` of it
  kJulianDay,
  kMinute,
  kMonth,
  kMonthName,
  kMonthNameShort,
  kOffset,
  kQuarter,
  kRomanMonth,
  kSecondOfDay,
  kSecond,
  kZone,
  kZoneHour,
  kZoneMinute,
  kWeekOfYear,
  kWeekOfMonth,
  kYear,  ///< `digits` of it
  kYearWithComma,
};

/// How letters of a name are written.
enum class LetterCase : std::uint8_t { kUpper, kCapital, kLower };

/// Which calendar a field is of, when texts are read: those of two must not be mixed.
enum class TimeFieldDate : std::uint8_t { kNone, kGregorian, kIsoWeek };

/// A name that formats of times know.
struct TimeFieldName {
  std::string_view name;
  TimeField field;
  LetterCase letters = LetterCase::kUpper;
  int digits = 0;
  bool is_digit = false;  ///< what it reads begins with a digit
  TimeFieldDate date = TimeFieldDate::kNone;
};

/// One step of a format.
struct TimePiece {
  const TimeFieldName* name = nullptr;  ///< of a field; static
  TimeField field = TimeField::kText;
  std::string text{};       ///< of kText, kSpace and kSeparator: one character in UTF-8
  bool fill = false;        ///< FM: no padding
  bool translated = false;  ///< TM: names without padding
  bool ordinal = false;     ///< TH or th follows
  bool ordinal_upper = false;
};

/// A format of times as to_char, to_date and to_timestamp have it. Immutable.
struct TimePattern {
  std::string text;
  std::vector<TimePiece> pieces;
};

/// Reads a format; every text is one. Throws duckdb::InvalidInputException for one that is too long.
TimePattern ReadTimePattern(std::string_view text);

/// English names, in the order of their numbers; Sunday is the first day.
extern const std::string_view kMonthNames[12];
extern const std::string_view kDayNames[7];
/// From January on, in capitals.
extern const std::string_view kRomanMonths[12];

/// The bytes of the character that begins a text, which may be broken off; 0 for an empty text.
std::size_t CharacterBytes(std::string_view text);

/// The longest format of times or numbers that is read, in bytes.
constexpr std::size_t kPatternBytesMax = 64 * 1024;

/// Whether C calls it space: nothing beyond ASCII.
constexpr bool IsAsciiSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr bool IsAsciiDigit(char c) {
  return c >= '0' && c <= '9';
}
constexpr char AsciiLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr char AsciiUpper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
/// Printable ASCII that is neither letter nor digit nor space.
constexpr bool IsSeparator(char c) {
  return c > ' ' && c < '\x7F' && !IsAsciiDigit(c) && !(AsciiLower(c) >= 'a' && AsciiLower(c) <= 'z');
}

}  // namespace smelt::engine::postgres
