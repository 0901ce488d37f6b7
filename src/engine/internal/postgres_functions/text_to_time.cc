#include "engine/internal/postgres_functions/text_to_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <span>

#include "engine/internal/duck.h"
#include "engine/internal/postgres_functions/calendar.h"

namespace smelt::engine::postgres {
namespace {

[[noreturn]] void RefuseTime(const TimePattern& pattern, std::string_view text, const std::string& why) {
  constexpr std::size_t kTold = 200;
  throw duckdb::InvalidInputException("'%s' does not follow the format '%s': %s", std::string(text.substr(0, kTold)),
                                      pattern.text.substr(0, kTold), why);
}

/// The fields of a text; 0 is a field that it does not have, as it is in PostgreSQL.
struct TimeFields {
  int hour = 0, minute = 0, second = 0, second_of_day = 0, millis = 0, micros = 0;
  int year = 0, year_digits = 0, century = 0, month = 0, week = 0, week_of_month = 0;
  int day_of_week = 0, day_of_month = 0, day_of_year = 0, julian = 0, unused = 0;
  int afternoon = 0, before_christ = 0;
  int fraction_digits = 6;
  int zone_sign = 0, zone_hour = 0, zone_minute = 0;
  bool twelve_hours = false;
  TimeFieldDate date = TimeFieldDate::kNone;
};

/// Takes fields from a text, one after the other.
class TimeReader {
 public:
  TimeReader(const TimePattern& pattern, std::string_view text) : pattern_(pattern), text_(text) {}

  TimeFields Read() {
    for (at_ = 0; at_ < pattern_.pieces.size() && place_ < text_.size(); ++at_) {
      const TimePiece& piece = pattern_.pieces[at_];
      const bool is_field = piece.name != nullptr;
      if (!exact_ && (is_field || at_ == 0)) skipped_ += SkipSpaces();
      if (!is_field) {
        SkipText(piece);
        continue;
      }
      SetDate(piece.name->date);
      ReadField(piece);
      if (!exact_) skipped_ = SkipSpaces();
    }
    return fields_;
  }

 private:
  [[noreturn]] void Refuse(const std::string& why) const { RefuseTime(pattern_, text_, why); }
  std::string NameOf(const TimePiece& piece) const { return fmt::format("\"{}\"", piece.name->name); }
  char Here() const { return place_ < text_.size() ? text_[place_] : '\0'; }
  void SkipCharacter() { place_ += CharacterBytes(text_.substr(place_)); }

  int SkipSpaces() {
    const std::size_t begin = place_;
    while (place_ < text_.size() && IsAsciiSpace(text_[place_])) ++place_;
    return static_cast<int>(std::min<std::size_t>(place_ - begin, std::numeric_limits<int>::max()));
  }

  void SkipText(const TimePiece& piece) {
    if (exact_) return SkipCharacter();
    if (piece.field == TimeField::kText) {
      // What was skipped in excess before may have been this.
      if (skipped_ > 0) {
        --skipped_;
      } else {
        SkipCharacter();
      }
      return;
    }
    --skipped_;
    if (!IsAsciiSpace(Here()) && !IsSeparator(Here())) return;
    ++place_;
    ++skipped_;
  }

  void SetDate(TimeFieldDate date) {
    if (date == TimeFieldDate::kNone) return;
    if (fields_.date != TimeFieldDate::kNone && fields_.date != date) {
      Refuse("it mixes days of weeks of ISO 8601 with those of months");
    }
    fields_.date = date;
  }

  void Set(int& field, int value, const TimePiece& piece) {
    if (field != 0 && field != value) Refuse(fmt::format("{} contradicts what is said before", NameOf(piece)));
    field = value;
  }

  /// Whether the digits of a number end where something else begins, not after so many.
  bool EndsByItself() const {
    if (pattern_.pieces[at_].ordinal || at_ + 1 == pattern_.pieces.size()) return true;
    const TimePiece& next = pattern_.pieces[at_ + 1];
    if (next.name != nullptr) return !next.name->is_digit;
    return next.text.size() != 1 || !IsAsciiDigit(next.text[0]);
  }

  /// Reads a number and tells how many characters it took, spaces before it included.
  std::size_t ReadNumber(int& field, const TimePiece& piece, std::size_t digits) {
    const std::size_t begin = place_;
    SkipSpaces();
    const bool ends = piece.fill || EndsByItself();
    const std::string_view rest = text_.substr(place_);
    if (!ends && rest.size() < digits) {
      Refuse(fmt::format("{} takes {} characters, and {} are left", NameOf(piece), digits, rest.size()));
    }
    const std::string_view source = ends ? rest : rest.substr(0, digits);
    std::size_t sign = 0;
    while (sign < source.size() && IsAsciiSpace(source[sign])) ++sign;
    if (sign < source.size() && source[sign] == '+' && source.substr(sign, 2) != "+-") ++sign;
    int value = 0;
    const char* first = source.data() + sign;
    const auto parsed = std::from_chars(first, source.data() + source.size(), value);
    if (parsed.ec == std::errc::result_out_of_range) Refuse(fmt::format("{} is too large", NameOf(piece)));
    const auto used = parsed.ec == std::errc() ? static_cast<std::size_t>(parsed.ptr - source.data()) : 0;
    if (used == 0) Refuse(fmt::format("{} is no whole number", NameOf(piece)));
    if (!ends && used < digits) {
      Refuse(fmt::format("{} takes {} characters, and {} are a number", NameOf(piece), digits, used));
    }
    place_ += used;
    Set(field, value, piece);
    return place_ - begin;
  }

  void ReadWithOrdinal(int& field, const TimePiece& piece) {
    ReadNumber(field, piece,
               piece.name->field == TimeField::kCentury || piece.name->digits == 0
                   ? piece.name->name.size()
                   : static_cast<std::size_t>(piece.name->digits));
    SkipOrdinal(piece);
  }

  void SkipOrdinal(const TimePiece& piece) {
    if (!piece.ordinal) return;
    SkipCharacter();
    SkipCharacter();
  }

  /// The place of the name in a list that the text goes on with, in letters of any case.
  int ReadName(const TimePiece& piece, std::span<const std::string_view> names, std::size_t letters) {
    const std::string_view rest = text_.substr(place_);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string_view name = names[i].substr(0, letters);
      const bool same = rest.size() >= name.size() &&
                        std::ranges::equal(name, rest.substr(0, name.size()), {}, AsciiLower, AsciiLower);
      if (!same) continue;
      place_ += name.size();
      return static_cast<int>(i);
    }
    Refuse(fmt::format("{} is none that is known", NameOf(piece)));
  }

  void ReadField(const TimePiece& piece) {
    switch (piece.field) {
      case TimeField::kHour12:
        ReadWithOrdinal(fields_.hour, piece);
        fields_.twelve_hours = true;
        return;
      case TimeField::kHour24: return ReadWithOrdinal(fields_.hour, piece);
      case TimeField::kMinute: return ReadWithOrdinal(fields_.minute, piece);
      case TimeField::kSecond: return ReadWithOrdinal(fields_.second, piece);
      case TimeField::kSecondOfDay: return ReadWithOrdinal(fields_.second_of_day, piece);
      case TimeField::kFraction: return ReadFraction(piece);
      case TimeField::kZone:
      case TimeField::kOffset: Refuse(fmt::format("{} is for to_char only", NameOf(piece)));
      case TimeField::kZoneHour: return ReadZoneHour(piece);
      case TimeField::kZoneMinute:
        if (fields_.zone_sign == 0) fields_.zone_sign = 1;
        ReadNumber(fields_.zone_minute, piece, 2);
        return;
      case TimeField::kYear:
      case TimeField::kIsoYear: return ReadYear(piece);
      case TimeField::kYearWithComma: return ReadYearWithComma(piece);
      case TimeField::kExact: exact_ = true; return;
      default: return ReadDay(piece);
    }
  }

  void ReadFraction(const TimePiece& piece) {
    const auto digits = static_cast<std::size_t>(piece.name->digits);
    if (piece.name->name.starts_with("FF") || piece.name->name.starts_with("ff"))
      fields_.fraction_digits = piece.name->digits;
    const bool millis = piece.name->name == "MS" || piece.name->name == "ms";
    int& field = millis ? fields_.millis : fields_.micros;
    // FF3 tells of microseconds, as US does.
    const std::size_t wanted = millis ? 3 : 6;
    const std::size_t used = ReadNumber(field, piece, digits);
    std::int64_t value = field;
    for (std::size_t i = std::max<std::size_t>(used, 1); i < wanted; ++i) value *= 10;
    field = static_cast<int>(
        std::clamp<std::int64_t>(value, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
    SkipOrdinal(piece);
  }

  void ReadZoneHour(const TimePiece& piece) {
    const char sign = Here();
    if (sign == '+' || sign == '-' || sign == ' ') {
      fields_.zone_sign = sign == '-' ? -1 : 1;
      ++place_;
    } else {
      // A sign may have been taken for a separator.
      fields_.zone_sign = skipped_ > 0 && place_ > 0 && text_[place_ - 1] == '-' ? -1 : 1;
    }
    ReadNumber(fields_.zone_hour, piece, 2);
  }

  /// Of less than four digits the year is the one next to 2020.
  void ReadYear(const TimePiece& piece) {
    const int digits = piece.name->digits;
    const std::size_t used = ReadNumber(fields_.year, piece, static_cast<std::size_t>(digits));
    int& year = fields_.year;
    if (digits < 4 && used < 4) {
      if (year < 70) {
        year += 2000;
      } else if (year < 100) {
        year += 1900;
      } else if (year < 520) {
        year += 2000;
      } else if (year < 1000) {
        year += 1000;
      }
    }
    fields_.year_digits = digits;
    SkipOrdinal(piece);
  }

  void ReadYearWithComma(const TimePiece& piece) {
    int millennia = 0;
    int years = 0;
    SkipSpaces();
    const char* end = text_.data() + text_.size();
    const auto before = std::from_chars(text_.data() + place_, end, millennia);
    if (before.ec != std::errc() || before.ptr == end || *before.ptr != ',')
      Refuse(NameOf(piece) + " is no such number");
    const char* last = std::min(end, before.ptr + 4);
    const auto after = std::from_chars(before.ptr + 1, last, years);
    const std::int64_t year = std::int64_t{millennia} * 1000 + years;
    if (after.ec != std::errc() || year != static_cast<int>(year)) Refuse(NameOf(piece) + " is no such number");
    place_ = static_cast<std::size_t>(after.ptr - text_.data());
    Set(fields_.year, static_cast<int>(year), piece);
    fields_.year_digits = 4;
    SkipOrdinal(piece);
  }

  void ReadDay(const TimePiece& piece) {
    static constexpr std::string_view kMeridiems[] = {"am", "pm"}, kMeridiemsDotted[] = {"a.m.", "p.m."};
    static constexpr std::string_view kEras[] = {"ad", "bc"}, kErasDotted[] = {"a.d.", "b.c."};
    constexpr std::size_t kAll = std::string_view::npos;
    switch (piece.field) {
      case TimeField::kMeridiem: Set(fields_.afternoon, ReadName(piece, kMeridiems, kAll), piece); break;
      case TimeField::kMeridiemDotted: Set(fields_.afternoon, ReadName(piece, kMeridiemsDotted, kAll), piece); break;
      case TimeField::kEra: return Set(fields_.before_christ, ReadName(piece, kEras, kAll), piece);
      case TimeField::kEraDotted: return Set(fields_.before_christ, ReadName(piece, kErasDotted, kAll), piece);
      case TimeField::kMonthName: return Set(fields_.month, ReadName(piece, kMonthNames, kAll) + 1, piece);
      case TimeField::kMonthNameShort: return Set(fields_.month, ReadName(piece, kMonthNames, 3) + 1, piece);
      case TimeField::kDayName: return Set(fields_.day_of_week, ReadName(piece, kDayNames, kAll) + 1, piece);
      case TimeField::kDayNameShort: return Set(fields_.day_of_week, ReadName(piece, kDayNames, 3) + 1, piece);
      case TimeField::kRomanMonth: return Set(fields_.month, ReadRomanMonth(piece), piece);
      case TimeField::kMonth: return ReadWithOrdinal(fields_.month, piece);
      case TimeField::kDayOfYear:
      case TimeField::kIsoDayOfYear: return ReadWithOrdinal(fields_.day_of_year, piece);
      case TimeField::kDayOfMonth: return ReadWithOrdinal(fields_.day_of_month, piece);
      case TimeField::kDayOfWeek: return ReadWithOrdinal(fields_.day_of_week, piece);
      case TimeField::kIsoDayOfWeek:
        ReadNumber(fields_.day_of_week, piece, 1);
        // Sunday is the first day of the others.
        fields_.day_of_week = fields_.day_of_week >= 7 ? 1 : fields_.day_of_week + 1;
        return SkipOrdinal(piece);
      case TimeField::kWeekOfYear:
      case TimeField::kIsoWeek: return ReadWithOrdinal(fields_.week, piece);
      case TimeField::kWeekOfMonth: return ReadWithOrdinal(fields_.week_of_month, piece);
      case TimeField::kJulianDay: return ReadWithOrdinal(fields_.julian, piece);
      case TimeField::kCentury: return ReadWithOrdinal(fields_.century, piece);
      case TimeField::kQuarter:
        // Nobody knows which day of a quarter is meant.
        fields_.unused = 0;
        return ReadWithOrdinal(fields_.unused, piece);
      default: return;
    }
    fields_.twelve_hours = true;
  }

  /// From the last month on, so that none is taken for another that it begins with.
  int ReadRomanMonth(const TimePiece& piece) {
    std::string_view names[12];
    std::ranges::reverse_copy(kRomanMonths, names);
    return 12 - ReadName(piece, names, std::string_view::npos);
  }

  const TimePattern& pattern_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t place_ = 0;
  int skipped_ = 0;  ///< characters of the text beyond those of the format
  bool exact_ = false;
  TimeFields fields_;
};

/// Makes a point of time of fields.
class TimeOfFields {
 public:
  TimeOfFields(const TimePattern& pattern, std::string_view text, TimeFields fields)
      : pattern_(pattern), text_(text), fields_(fields) {}

  ReadTime Make() {
    const std::int64_t clock = Clock();
    SetYear();
    SetDay();
    CheckDay();
    ReadTime time;
    time.days = DaysOf({year_, month_, day_});
    constexpr std::int64_t kDaysMin = -2'440'588, kDaysMax = 106'751'989;
    if (time.days < kDaysMin || time.days > kDaysMax) Refuse("its day is out of range");
    time.micros = Rounded(time.days * kMicrosPerDay + clock);
    if (fields_.zone_sign != 0) {
      const bool known =
          fields_.zone_hour >= 0 && fields_.zone_hour <= 15 && fields_.zone_minute >= 0 && fields_.zone_minute < 60;
      if (!known) Refuse("there is no such time zone");
      time.offset_seconds = fields_.zone_sign * (fields_.zone_hour * 3600 + fields_.zone_minute * 60);
    }
    return time;
  }

 private:
  [[noreturn]] void Refuse(const std::string& why) const { RefuseTime(pattern_, text_, why); }

  /// To the digits of FF1 … FF6, halves away from the year 2000.
  std::int64_t Rounded(std::int64_t micros) const {
    std::int64_t unit = 1;
    for (int digits = fields_.fraction_digits; digits < 6; ++digits) unit *= 10;
    constexpr std::int64_t kMillennium = 10'957 * kMicrosPerDay;
    const std::int64_t since = micros - kMillennium;
    const std::int64_t half = since >= 0 ? unit / 2 : -(unit / 2);
    return (since + half) / unit * unit + kMillennium;
  }

  /// Microseconds of the day.
  std::int64_t Clock() const {
    std::int64_t hour = fields_.second_of_day / 3600;
    std::int64_t minute = fields_.second_of_day % 3600 / 60;
    std::int64_t second = fields_.second_of_day % 60;
    if (fields_.second != 0) second = fields_.second;
    if (fields_.minute != 0) minute = fields_.minute;
    if (fields_.hour != 0) hour = fields_.hour;
    if (fields_.twelve_hours) {
      if (hour < 1 || hour > 12) Refuse(fmt::format("there is no hour {} on a clock of 12", hour));
      if (fields_.afternoon != 0 && hour < 12) {
        hour += 12;
      } else if (fields_.afternoon == 0 && hour == 12) {
        hour = 0;
      }
    }
    const std::int64_t micros = std::int64_t{fields_.millis} * 1000 + fields_.micros;
    const bool known = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60 &&
                       micros >= 0 && micros < kMicrosPerSecond;
    if (!known) Refuse("its time of the day is out of range");
    return ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond + micros;
  }

  void SetYear() {
    std::int64_t century = fields_.before_christ != 0 ? -std::int64_t{fields_.century} : fields_.century;
    if (fields_.year != 0 && century != 0 && fields_.year_digits <= 2) {
      const std::int64_t years = fields_.year % 100;
      if (years != 0) {
        year_ = century >= 0 ? years + (century - 1) * 100 : (century + 1) * 100 - years + 1;
      } else {
        year_ = century * 100 + (century >= 0 ? 0 : 1);
      }
    } else if (fields_.year != 0) {
      year_ = fields_.before_christ != 0 ? -std::int64_t{fields_.year} : fields_.year;
      if (year_ < 0) ++year_;
    } else if (century != 0) {
      year_ = century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
    } else {
      return;
    }
    knows_year_ = true;
  }

  void SetDays(std::int64_t days) {
    const CivilDay day = DayOf(days);
    year_ = day.year;
    month_ = day.month;
    day_ = day.day;
    knows_year_ = knows_month_ = knows_day_ = true;
  }

  void SetDay() {
    const bool iso = fields_.date == TimeFieldDate::kIsoWeek;
    if (fields_.julian != 0) SetDays(fields_.julian - kJulianDayOfEpoch);
    std::int64_t day_of_year = fields_.day_of_year;
    if (fields_.week != 0 && iso) {
      const std::int64_t monday = DaysOfIsoWeek(year_, fields_.week);
      const int day = fields_.day_of_week;
      SetDays(day == 0 ? monday : day > 1 ? monday + day - 2 : monday + 6);
    } else if (fields_.week != 0) {
      day_of_year = (std::int64_t{fields_.week} - 1) * 7 + 1;
    }
    std::int64_t day_of_month = fields_.day_of_month;
    if (fields_.week_of_month != 0) day_of_month = (std::int64_t{fields_.week_of_month} - 1) * 7 + 1;
    if (day_of_month != 0) {
      day_ = static_cast<int>(std::clamp<std::int64_t>(day_of_month, -1, 1000));
      knows_day_ = true;
    }
    if (fields_.month != 0) {
      month_ = std::clamp(fields_.month, -1, 1000);
      knows_month_ = true;
    }
    if (day_of_year != 0 && (month_ <= 1 || day_ <= 1)) SetDayOfYear(day_of_year, iso);
  }

  void SetDayOfYear(std::int64_t day_of_year, bool iso) {
    if (year_ == 0 && fields_.before_christ == 0) Refuse("a day of the year needs the year");
    if (iso) return SetDays(DaysOfIsoWeek(year_, 1) - 1 + day_of_year);
    std::int64_t before = 0;
    int month = 1;
    for (; month <= 12; ++month) {
      const std::int64_t end = DaysOf({1999 + static_cast<std::int64_t>(IsLeapYear(year_)), month + 1, 1}) -
                               DaysOf({1999 + static_cast<std::int64_t>(IsLeapYear(year_)), 1, 1});
      if (day_of_year <= end) break;
      before = end;
    }
    if (month_ <= 1) month_ = month;
    if (day_ <= 1) day_ = static_cast<int>(std::clamp<std::int64_t>(day_of_year - before, -1, 1000));
    knows_month_ = knows_day_ = true;
  }

  void CheckDay() const {
    bool known = true;
    if (knows_month_) known = known && month_ >= 1 && month_ <= 12;
    if (knows_day_) known = known && day_ >= 1 && day_ <= 31;
    if (known && knows_year_ && knows_month_ && knows_day_) {
      known = day_ <= DaysOf({year_, month_ + 1, 1}) - DaysOf({year_, month_, 1});
    }
    if (!known) Refuse("there is no such day");
  }

  const TimePattern& pattern_;
  std::string_view text_;
  TimeFields fields_;
  std::int64_t year_ = 0;
  int month_ = 1;
  int day_ = 1;
  bool knows_year_ = false;
  bool knows_month_ = false;
  bool knows_day_ = false;
};

}  // namespace

ReadTime TimeOfText(const TimePattern& pattern, std::string_view text) {
  return TimeOfFields(pattern, text, TimeReader(pattern, text).Read()).Make();
}

}  // namespace smelt::engine::postgres
