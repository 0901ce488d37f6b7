#include "transform/internal/modules/calendar.h"

#include <fmt/format.h>

#include <array>

#include "base/ascii.h"

namespace smelt::transform::jinja {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};

bool IsLeap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Weeks of the year that have started, the first one with the first `first_weekday` (0 is Monday).
int WeekNumber(const DateParts& parts, int first_weekday) {
  int weekday = (Weekday(DaysFromCivil(parts.year, parts.month, parts.day)) - first_weekday + 7) % 7;
  return (DayOfYear(parts) - 1 + 7 - weekday) / 7;
}

int TwelveHour(int hour) {
  return hour % 12 == 0 ? 12 : hour % 12;
}

std::string OneDirective(const DateParts& parts, const ZoneText& zone, char directive) {
  std::int64_t days = DaysFromCivil(parts.year, parts.month, parts.day);
  auto weekday = static_cast<std::size_t>(Weekday(days));
  std::string_view month = kMonths[static_cast<std::size_t>(parts.month - 1)];
  switch (directive) {
    case 'a': return std::string(kDays[weekday].substr(0, 3));
    case 'A': return std::string(kDays[weekday]);
    case 'b':
    case 'h': return std::string(month.substr(0, 3));
    case 'B': return std::string(month);
    case 'c': return FormatDate(parts, zone, "%a %b %e %H:%M:%S %Y");
    case 'C': return fmt::format("{:02}", parts.year / 100);
    case 'd': return fmt::format("{:02}", parts.day);
    case 'D':
    case 'x': return FormatDate(parts, zone, "%m/%d/%y");
    case 'e': return fmt::format("{:2}", parts.day);
    case 'f': return fmt::format("{:06}", parts.micro);
    case 'F': return FormatDate(parts, zone, "%Y-%m-%d");
    case 'G': return fmt::format("{}", ToIsoWeek(days).year);
    case 'g': return fmt::format("{:02}", ToIsoWeek(days).year % 100);
    case 'H': return fmt::format("{:02}", parts.hour);
    case 'I': return fmt::format("{:02}", TwelveHour(parts.hour));
    case 'j': return fmt::format("{:03}", DayOfYear(parts));
    case 'k': return fmt::format("{:2}", parts.hour);
    case 'l': return fmt::format("{:2}", TwelveHour(parts.hour));
    case 'm': return fmt::format("{:02}", parts.month);
    case 'M': return fmt::format("{:02}", parts.minute);
    case 'n': return "\n";
    case 'p': return parts.hour < 12 ? "AM" : "PM";
    case 'P': return parts.hour < 12 ? "am" : "pm";
    case 'r': return FormatDate(parts, zone, "%I:%M:%S %p");
    case 'R': return FormatDate(parts, zone, "%H:%M");
    case 's': return fmt::format("{}", parts.ToMicros() / kMicrosPerSecond);
    case 'S': return fmt::format("{:02}", parts.second);
    case 't': return "\t";
    case 'T':
    case 'X': return FormatDate(parts, zone, "%H:%M:%S");
    case 'u': return fmt::format("{}", weekday + 1);
    case 'U': return fmt::format("{:02}", WeekNumber(parts, 6));
    case 'V': return fmt::format("{:02}", ToIsoWeek(days).week);
    case 'w': return fmt::format("{}", (weekday + 1) % 7);
    case 'W': return fmt::format("{:02}", WeekNumber(parts, 0));
    case 'y': return fmt::format("{:02}", parts.year % 100);
    case 'Y': return fmt::format("{}", parts.year);
    case 'z': return zone.offset_seconds ? OffsetText(*zone.offset_seconds, "") : "";
    case 'Z': return zone.name;
    case '%': return "%";
    default: return std::string("%") + directive;
  }
}

}  // namespace

std::int64_t DaysFromCivil(int year, int month, int day) {
  // Years that start in March end with the leap day.
  std::int64_t y = month <= 2 ? year - 1 : year;
  std::int64_t era = (y >= 0 ? y : y - 399) / 400, year_of_era = y - era * 400;
  std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

int DaysInMonth(int year, int month) {
  constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kLengths[month - 1] + (month == 2 && IsLeap(year) ? 1 : 0);
}

int Weekday(std::int64_t days_since_1970) {
  return static_cast<int>(((days_since_1970 + 3) % 7 + 7) % 7);
}

int DayOfYear(const DateParts& parts) {
  return static_cast<int>(DaysFromCivil(parts.year, parts.month, parts.day) - DaysFromCivil(parts.year, 1, 1)) + 1;
}

IsoWeek ToIsoWeek(std::int64_t days_since_1970) {
  int weekday = Weekday(days_since_1970);
  // A week belongs to the year of its Thursday.
  DateParts thursday = DateParts::FromMicros((days_since_1970 - weekday + 3) * kMicrosPerDay);
  return {thursday.year, (DayOfYear(thursday) - 1) / 7 + 1, weekday + 1};
}

std::int64_t DateParts::ToMicros() const {
  std::int64_t seconds = DaysFromCivil(year, month, day) * kSecondsPerDay + hour * 3600 + minute * 60 + second;
  return seconds * kMicrosPerSecond + micro;
}

DateParts DateParts::FromMicros(std::int64_t micros) {
  std::int64_t days = micros / kMicrosPerDay - (micros % kMicrosPerDay < 0 ? 1 : 0);
  std::int64_t rest = micros - days * kMicrosPerDay;
  std::int64_t shifted = days + 719'468;
  std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097, day_of_era = shifted - era * 146'097;
  std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  std::int64_t month = (5 * day_of_year + 2) / 153;
  DateParts parts;
  parts.day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  parts.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  parts.year = static_cast<int>(year_of_era + era * 400 + (parts.month <= 2 ? 1 : 0));
  std::int64_t seconds = rest / kMicrosPerSecond;
  parts.hour = static_cast<int>(seconds / 3600);
  parts.minute = static_cast<int>(seconds / 60 % 60);
  parts.second = static_cast<int>(seconds % 60);
  parts.micro = static_cast<int>(rest % kMicrosPerSecond);
  return parts;
}

std::string_view DateParts::Problem() const {
  if (year < kYearMin || year > kYearMax) return "the year is out of range";
  if (month < 1 || month > 12) return "the month must be in 1..12";
  if (day < 1 || day > DaysInMonth(year, month)) return "the day is out of range for the month";
  if (hour < 0 || hour > 23) return "the hour must be in 0..23";
  if (minute < 0 || minute > 59) return "the minute must be in 0..59";
  if (second < 0 || second > 59) return "the second must be in 0..59";
  if (micro < 0 || micro > 999'999) return "the microsecond must be in 0..999999";
  return {};
}

std::string OffsetText(std::int64_t offset_seconds, std::string_view separator) {
  std::int64_t size = offset_seconds < 0 ? -offset_seconds : offset_seconds;
  std::string text =
      fmt::format("{}{:02}{}{:02}", offset_seconds < 0 ? '-' : '+', size / 3600, separator, size / 60 % 60);
  return size % 60 == 0 ? text : text + fmt::format("{}{:02}", separator, size % 60);
}

std::string FormatDate(const DateParts& parts, const ZoneText& zone, std::string_view format) {
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    char directive = format[++i];
    // "%-d" and "%_d": without padding, and padded with spaces.
    bool bare = directive == '-', spaced = directive == '_';
    if ((bare || spaced) && i + 1 < format.size()) directive = format[++i];
    std::string piece = OneDirective(parts, zone, directive);
    std::size_t zeros = 0;
    while ((bare || spaced) && zeros + 1 < piece.size() && (piece[zeros] == '0' || piece[zeros] == ' ')) ++zeros;
    out += spaced ? std::string(zeros, ' ') + piece.substr(zeros) : piece.substr(zeros);
  }
  return out;
}

std::string TimeText(const DateParts& parts) {
  std::string text = fmt::format("{:02}:{:02}:{:02}", parts.hour, parts.minute, parts.second);
  return parts.micro == 0 ? text : text + fmt::format(".{:06}", parts.micro);
}

std::string DayText(const DateParts& parts) {
  return fmt::format("{:04}-{:02}-{:02}", parts.year, parts.month, parts.day);
}

namespace {

/// Reads a text from its start.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : text_(text) {}

  bool AtEnd() const { return position_ == text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[position_]; }
  bool Eat(char c) { return !AtEnd() && text_[position_] == c ? (++position_, true) : false; }
  bool Eat(std::string_view text) {
    if (!text_.substr(position_).starts_with(text)) return false;
    position_ += text.size();
    return true;
  }
  void SkipSpace() {
    while (Peek() == ' ' || (Peek() >= '\t' && Peek() <= '\r')) ++position_;
  }
  /// From `digits_min` to `digits_max` digits.
  bool Number(int& value, int digits_min, int digits_max) {
    int digits = 0;
    value = 0;
    for (; digits < digits_max && Peek() >= '0' && Peek() <= '9'; ++digits)
      value = value * 10 + (text_[position_++] - '0');
    last_digits_ = digits;
    return digits >= digits_min;
  }
  int last_digits() const { return last_digits_; }
  /// One of `names` or of their first `length` letters, without regard to case; its position.
  template <std::size_t kCount>
  std::optional<int> Name(const std::array<std::string_view, kCount>& names, std::size_t length) {
    for (std::size_t i = 0; i < kCount; ++i) {
      std::string_view name = names[i].substr(0, length);
      if (!EqualsIgnoringCase(text_.substr(position_, name.size()), name)) continue;
      position_ += name.size();
      return static_cast<int>(i);
    }
    return std::nullopt;
  }
  /// "Z", "+hhmm" or "+hh:mm", with seconds where there are any.
  std::optional<std::int64_t> Offset() {
    if (Eat('Z')) return 0;
    bool negative = Peek() == '-';
    if (!Eat('-') && !Eat('+')) return std::nullopt;
    int hours = 0, minutes = 0, seconds = 0;
    if (!Number(hours, 2, 2)) return std::nullopt;
    bool colon = Eat(':');
    if (!Number(minutes, 2, 2)) return std::nullopt;
    if (colon ? Eat(':') : Peek() >= '0' && Peek() <= '9') {
      if (!Number(seconds, 2, 2)) return std::nullopt;
    }
    if (hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
    std::int64_t size = hours * 3600 + minutes * 60 + seconds;
    return negative ? -size : size;
  }
  bool Micros(int& micros) {
    if (!Number(micros, 1, 6)) return false;
    for (int digits = last_digits_; digits < 6; ++digits) micros *= 10;
    return true;
  }

 private:
  std::string_view text_;
  std::size_t position_ = 0;
  int last_digits_ = 0;
};

/// What strptime has read so far.
struct Reading {
  ParsedDate date;
  std::optional<bool> afternoon;
  std::optional<int> twelve_hour, day_of_year;
};

bool ReadDirective(DateReader& reader, Reading& reading, char directive);

bool ReadFormat(DateReader& reader, Reading& reading, std::string_view format) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    char c = format[i];
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      reader.SkipSpace();
    } else if (c != '%') {
      if (!reader.Eat(c)) return false;
    } else {
      ++i;
      if (i == format.size() || !ReadDirective(reader, reading, format[i])) return false;
    }
  }
  return true;
}

bool ReadDirective(DateReader& reader, Reading& reading, char directive) {
  DateParts& parts = reading.date.parts;
  int number = 0;
  switch (directive) {
    case 'Y': return reader.Number(parts.year, 4, 4);
    case 'm': return reader.Number(parts.month, 1, 2);
    case 'd':
    case 'e': reader.SkipSpace(); return reader.Number(parts.day, 1, 2);
    case 'H': return reader.Number(parts.hour, 1, 2);
    case 'M': return reader.Number(parts.minute, 1, 2);
    case 'S': return reader.Number(parts.second, 1, 2);
    case 'f': return reader.Micros(parts.micro);
    case 'y':
      if (!reader.Number(number, 2, 2)) return false;
      parts.year = number + (number <= 68 ? 2000 : 1900);
      return true;
    case 'I':
      if (!reader.Number(number, 1, 2) || number < 1 || number > 12) return false;
      reading.twelve_hour = number;
      return true;
    case 'j':
      if (!reader.Number(number, 1, 3) || number < 1 || number > 366) return false;
      reading.day_of_year = number;
      return true;
    case 'p': {
      auto found = reader.Name(std::array<std::string_view, 2>{"AM", "PM"}, 2);
      if (found) reading.afternoon = *found == 1;
      return found.has_value();
    }
    case 'b':
    case 'B': {
      auto found = reader.Name(kMonths, directive == 'b' ? 3 : 20);
      if (found) parts.month = *found + 1;
      return found.has_value();
    }
    case 'a': return reader.Name(kDays, 3).has_value();
    case 'A': return reader.Name(kDays, 20).has_value();
    case 'z': reading.date.offset_seconds = reader.Offset(); return reading.date.offset_seconds.has_value();
    case 'Z': return reader.Eat("UTC") || reader.Eat("GMT");
    case '%': return reader.Eat('%');
    case 'F': return ReadFormat(reader, reading, "%Y-%m-%d");
    case 'T':
    case 'X': return ReadFormat(reader, reading, "%H:%M:%S");
    case 'x': return ReadFormat(reader, reading, "%m/%d/%y");
    case 'c': return ReadFormat(reader, reading, "%a %b %d %H:%M:%S %Y");
    default: return false;
  }
}

bool ReadIsoTime(DateReader& reader, ParsedDate& date) {
  DateParts& parts = date.parts;
  if (!reader.Number(parts.hour, 2, 2)) return false;
  bool colon = reader.Eat(':');
  auto more = [&] { return reader.Peek() >= '0' && reader.Peek() <= '9'; };
  if (colon || more()) {
    if (!reader.Number(parts.minute, 2, 2)) return false;
    if (colon ? reader.Eat(':') : more()) {
      if (!reader.Number(parts.second, 2, 2)) return false;
      if (reader.Eat('.') || reader.Eat(',')) {
        if (!reader.Micros(parts.micro)) return false;
        int ignored = 0;
        reader.Number(ignored, 0, 1000);
      }
    }
  }
  if (reader.AtEnd()) return true;
  date.offset_seconds = reader.Offset();
  return date.offset_seconds.has_value();
}

}  // namespace

std::optional<ParsedDate> ParseDate(std::string_view text, std::string_view format) {
  DateReader reader(text);
  Reading reading;
  if (!ReadFormat(reader, reading, format) || !reader.AtEnd()) return std::nullopt;
  DateParts& parts = reading.date.parts;
  if (reading.twelve_hour) parts.hour = *reading.twelve_hour % 12 + (reading.afternoon.value_or(false) ? 12 : 0);
  // A leap second counts as the last whole one.
  if (parts.second > 59 && parts.second <= 61) return std::nullopt;
  if (!parts.Problem().empty()) return std::nullopt;
  if (reading.day_of_year) {
    DateParts start = parts;
    start.month = start.day = 1;
    parts = DateParts::FromMicros(start.ToMicros() + (*reading.day_of_year - 1) * kMicrosPerDay);
  }
  return reading.date;
}

std::optional<ParsedDate> ParseIsoDate(std::string_view text, bool has_date, bool has_time) {
  DateReader reader(text);
  ParsedDate date;
  DateParts& parts = date.parts;
  if (has_date) {
    if (!reader.Number(parts.year, 4, 4)) return std::nullopt;
    bool dash = reader.Eat('-');
    if (!reader.Number(parts.month, 2, 2) || (dash && !reader.Eat('-')) || !reader.Number(parts.day, 2, 2)) {
      return std::nullopt;
    }
    if (has_time && !reader.AtEnd() && !(reader.Eat('T') || reader.Eat(' '))) return std::nullopt;
  } else {
    reader.Eat('T');
  }
  bool time_follows = has_time && (!has_date || !reader.AtEnd());
  if (time_follows && !ReadIsoTime(reader, date)) return std::nullopt;
  if (!reader.AtEnd() || !parts.Problem().empty()) return std::nullopt;
  return date;
}

}  // namespace smelt::transform::jinja
