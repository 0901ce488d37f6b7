#include "engine/internal/postgres_functions/time_to_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "engine/internal/duck.h"
#include "engine/internal/postgres_functions/calendar.h"

namespace smelt::engine::postgres {
namespace {

/// Writes fields one after the other.
class TimeWriter {
 public:
  TimeWriter(const TimePattern& pattern, const TimeParts& parts, std::string& out)
      : pattern_(pattern), parts_(parts), out_(out) {}

  void Write(const TimePiece& piece) {
    switch (piece.field) {
      case TimeField::kText:
      case TimeField::kSpace:
      case TimeField::kSeparator: out_ += piece.text; return;
      case TimeField::kDayName:
      case TimeField::kDayNameShort:
      case TimeField::kMonthName:
      case TimeField::kMonthNameShort:
      case TimeField::kRomanMonth:
      case TimeField::kMeridiem:
      case TimeField::kMeridiemDotted:
      case TimeField::kEra:
      case TimeField::kEraDotted: return WriteName(piece);
      case TimeField::kZone:
      case TimeField::kZoneHour:
      case TimeField::kZoneMinute:
      case TimeField::kOffset: return WriteZone(piece);
      case TimeField::kHour12:
      case TimeField::kHour24:
      case TimeField::kMinute:
      case TimeField::kSecond:
      case TimeField::kFraction:
      case TimeField::kSecondOfDay: return WriteClock(piece);
      case TimeField::kIsoDayOfYear:
      case TimeField::kIsoDayOfWeek:
      case TimeField::kIsoWeek:
      case TimeField::kIsoYear: return WriteIso(piece);
      case TimeField::kExact: return;
      default: return WriteDay(piece);
    }
  }

 private:
  void OnlyOfPoints(const TimePiece& piece) const {
    if (!parts_.is_interval) return;
    throw duckdb::InvalidInputException("to_char: an interval has no \"%s\" (format '%s')",
                                        std::string(piece.name->name), pattern_.text);
  }

  /// A number with zeros before it, of a width that counts a sign.
  void WriteNumber(const TimePiece& piece, std::int64_t number, int width) {
    const std::string digits = fmt::format("{:0{}}", number, piece.fill ? 0 : width);
    out_ += digits;
    if (piece.ordinal) out_ += OrdinalOf(digits, piece.ordinal_upper);
  }
  void WriteSigned(const TimePiece& piece, std::int64_t number, int width, std::int64_t sign_of) {
    WriteNumber(piece, number, sign_of >= 0 ? width : width + 1);
  }

  void WriteText(const TimePiece& piece, std::string_view text, int width) {
    std::string written(text);
    if (piece.name->letters == LetterCase::kUpper) std::ranges::transform(written, written.begin(), AsciiUpper);
    if (piece.name->letters == LetterCase::kLower) std::ranges::transform(written, written.begin(), AsciiLower);
    out_ += written;
    const auto size = static_cast<int>(text.size());
    if (!piece.fill && !piece.translated && size < width) out_.append(static_cast<std::size_t>(width - size), ' ');
  }

  void WriteName(const TimePiece& piece) {
    switch (piece.field) {
      case TimeField::kMeridiem: return WriteText(piece, IsAfternoon() ? "pm" : "am", 0);
      case TimeField::kMeridiemDotted: return WriteText(piece, IsAfternoon() ? "p.m." : "a.m.", 0);
      case TimeField::kRomanMonth: return WriteRomanMonth(piece);
      default: break;
    }
    OnlyOfPoints(piece);
    const std::string_view month = kMonthNames[static_cast<std::size_t>(parts_.month + 11) % 12];
    const std::string_view day = kDayNames[DayOfWeek(parts_.days)];
    switch (piece.field) {
      case TimeField::kEra: return WriteText(piece, parts_.year <= 0 ? "bc" : "ad", 0);
      case TimeField::kEraDotted: return WriteText(piece, parts_.year <= 0 ? "b.c." : "a.d.", 0);
      case TimeField::kMonthName: return WriteText(piece, month, 9);
      case TimeField::kMonthNameShort: return WriteText(piece, month.substr(0, 3), 0);
      case TimeField::kDayName: return WriteText(piece, day, 9);
      default: return WriteText(piece, day.substr(0, 3), 0);
    }
  }

  bool IsAfternoon() const { return parts_.hour % 24 >= 12; }

  /// An interval of twelve times a number of months is in its last, or in its first where it is below zero.
  void WriteRomanMonth(const TimePiece& piece) {
    if (parts_.month == 0 && parts_.year == 0) return;
    std::int64_t month = parts_.month;
    if (month == 0) {
      month = parts_.year >= 0 ? 12 : 1;
    } else if (month < 0) {
      month += 13;
    }
    TimePiece padded = piece;
    padded.translated = false;
    WriteText(padded, kRomanMonths[static_cast<std::size_t>(month - 1)], 4);
  }

  void WriteZone(const TimePiece& piece) {
    OnlyOfPoints(piece);
    const int seconds = parts_.offset_seconds.value_or(0);
    const int hours = std::abs(seconds) / 3600;
    const int minutes = std::abs(seconds) % 3600 / 60;
    const char sign = seconds < 0 ? '-' : '+';
    switch (piece.field) {
      case TimeField::kZone: return WriteText(piece, parts_.zone, 0);
      case TimeField::kZoneHour: out_ += fmt::format("{}{:02}", sign, hours); return;
      case TimeField::kZoneMinute: out_ += fmt::format("{:02}", minutes); return;
      default: break;
    }
    out_ += fmt::format("{}{:0{}}", sign, hours, piece.fill ? 0 : 2);
    if (std::abs(seconds) % 3600 != 0) out_ += fmt::format(":{:02}", minutes);
  }

  void WriteClock(const TimePiece& piece) {
    const std::int64_t hour = parts_.hour;
    switch (piece.field) {
      case TimeField::kHour12: return WriteSigned(piece, hour % 12 == 0 ? 12 : hour % 12, 2, hour);
      case TimeField::kHour24: return WriteSigned(piece, hour, 2, hour);
      case TimeField::kMinute: return WriteSigned(piece, parts_.minute, 2, parts_.minute);
      case TimeField::kSecond: return WriteSigned(piece, parts_.second, 2, parts_.second);
      case TimeField::kSecondOfDay:
        return WriteNumber(piece, hour * 3600 + std::int64_t{parts_.minute} * 60 + parts_.second, 0);
      default: break;
    }
    int fraction = parts_.micros;
    for (int digits = piece.name->digits; digits < 6; ++digits) fraction /= 10;
    const std::string digits = fmt::format("{:0{}}", fraction, piece.name->digits);
    out_ += digits;
    if (piece.ordinal) out_ += OrdinalOf(digits, piece.ordinal_upper);
  }

  void WriteIso(const TimePiece& piece) {
    OnlyOfPoints(piece);
    const IsoWeekDay iso = IsoWeekDayOf(parts_.days);
    switch (piece.field) {
      case TimeField::kIsoDayOfYear: return WriteNumber(piece, iso.day_of_year, 3);
      case TimeField::kIsoDayOfWeek: {
        const int day = DayOfWeek(parts_.days);
        return WriteNumber(piece, day == 0 ? 7 : day, 0);
      }
      case TimeField::kIsoWeek: return WriteNumber(piece, iso.week, 2);
      default: return WriteYear(piece, iso.year);
    }
  }

  /// Years before the first are counted from 1 BC on; those of an interval are what they are.
  std::int64_t Told(std::int64_t year) const { return !parts_.is_interval && year <= 0 ? 1 - year : year; }

  void WriteYear(const TimePiece& piece, std::int64_t year) {
    std::int64_t number = Told(year);
    const int digits = piece.name->digits;
    const std::int64_t sign_of = number;
    if (digits < 4) number %= digits == 3 ? 1000 : digits == 2 ? 100 : 10;
    if (digits == 1) return WriteNumber(piece, number, 1);
    WriteSigned(piece, number, digits, sign_of);
  }

  void WriteDay(const TimePiece& piece) {
    const std::int64_t year = parts_.year;
    switch (piece.field) {
      case TimeField::kMonth: return WriteSigned(piece, parts_.month, 2, parts_.month);
      case TimeField::kDayOfYear: return WriteNumber(piece, parts_.day_of_year, 3);
      case TimeField::kDayOfMonth: return WriteNumber(piece, parts_.day, 2);
      case TimeField::kDayOfWeek: OnlyOfPoints(piece); return WriteNumber(piece, DayOfWeek(parts_.days) + 1, 0);
      case TimeField::kWeekOfYear: return WriteNumber(piece, (parts_.day_of_year - 1) / 7 + 1, 2);
      case TimeField::kWeekOfMonth: return WriteNumber(piece, (parts_.day - 1) / 7 + 1, 0);
      case TimeField::kQuarter:
        if (parts_.month != 0) WriteNumber(piece, (parts_.month - 1) / 3 + 1, 0);
        return;
      case TimeField::kCentury: return WriteCentury(piece);
      case TimeField::kJulianDay: return WriteNumber(piece, parts_.days + kJulianDayOfEpoch, 0);
      case TimeField::kYearWithComma: {
        const std::int64_t number = Told(year);
        const std::string text = fmt::format("{},{:03}", number / 1000, number % 1000);
        out_ += text;
        if (piece.ordinal) out_ += OrdinalOf(text, piece.ordinal_upper);
        return;
      }
      default: return WriteYear(piece, year);
    }
  }

  void WriteCentury(const TimePiece& piece) {
    const std::int64_t year = parts_.year;
    std::int64_t century = year / 100;
    if (!parts_.is_interval) century = year > 0 ? (year - 1) / 100 + 1 : year / 100 - 1;
    const bool is_short = century >= -99 && century <= 99;
    WriteSigned(piece, century, is_short ? 2 : 0, is_short ? century : 0);
  }

  const TimePattern& pattern_;
  const TimeParts& parts_;
  std::string& out_;
};

}  // namespace

TimeParts PartsOfTimestamp(std::int64_t micros) {
  TimeParts parts = PartsOfDay(FloorDivide(micros, kMicrosPerDay));
  // No multiplication of days: it would leave the range at its lower end.
  std::int64_t rest = (micros % kMicrosPerDay + kMicrosPerDay) % kMicrosPerDay;
  parts.micros = static_cast<int>(rest % kMicrosPerSecond);
  rest /= kMicrosPerSecond;
  parts.second = static_cast<int>(rest % 60);
  parts.minute = static_cast<int>(rest / 60 % 60);
  parts.hour = rest / 3600;
  return parts;
}

TimeParts PartsOfDay(std::int64_t days) {
  TimeParts parts;
  parts.days = days;
  const CivilDay day = DayOf(days);
  parts.year = day.year;
  parts.month = day.month;
  parts.day = day.day;
  parts.day_of_year = DayOfYear(day);
  return parts;
}

TimeParts PartsOfInterval(std::int64_t months, std::int64_t days, std::int64_t micros) {
  TimeParts parts;
  parts.is_interval = true;
  parts.year = months / 12;
  parts.month = months % 12;
  parts.day = days;
  parts.micros = static_cast<int>(micros % kMicrosPerSecond);
  const std::int64_t seconds = micros / kMicrosPerSecond;
  parts.second = static_cast<int>(seconds % 60);
  parts.minute = static_cast<int>(seconds / 60 % 60);
  parts.hour = seconds / 3600;
  parts.day_of_year = months * 30 + days;
  parts.days = DaysOf({parts.year, static_cast<int>(parts.month), 1}) + days - 1;
  return parts;
}

void AppendTime(const TimePattern& pattern, const TimeParts& parts, std::string& out) {
  TimeWriter writer(pattern, parts, out);
  for (const TimePiece& piece : pattern.pieces) writer.Write(piece);
}

std::string_view OrdinalOf(std::string_view digits, bool upper) {
  const std::size_t size = digits.size();
  const bool teen = size > 1 && digits[size - 2] == '1';
  switch (size == 0 || teen ? '0' : digits[size - 1]) {
    case '1': return upper ? "ST" : "st";
    case '2': return upper ? "ND" : "nd";
    case '3': return upper ? "RD" : "rd";
    default: return upper ? "TH" : "th";
  }
}

}  // namespace smelt::engine::postgres
