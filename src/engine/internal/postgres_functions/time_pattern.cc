#include "engine/internal/postgres_functions/time_pattern.h"

#include <algorithm>

#include "engine/internal/duck.h"

namespace smelt::engine::postgres {

const std::string_view kMonthNames[12] = {"January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December"};
const std::string_view kDayNames[7] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
const std::string_view kRomanMonths[12] = {"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"};

namespace {

using enum TimeField;
using enum LetterCase;

constexpr TimeFieldDate kDay = TimeFieldDate::kGregorian;
constexpr TimeFieldDate kIso = TimeFieldDate::kIsoWeek;

/// Of names that begin alike the longer stands first.
constexpr TimeFieldName kTimeFieldNames[] = {
    {"A.D.", kEraDotted},
    {"A.M.", kMeridiemDotted},
    {"AD", kEra},
    {"AM", kMeridiem},
    {"B.C.", kEraDotted},
    {"BC", kEra},
    {"CC", kCentury, kUpper, 0, true},
    {"DAY", kDayName},
    {"DDD", kDayOfYear, kUpper, 3, true, kDay},
    {"DD", kDayOfMonth, kUpper, 2, true, kDay},
    {"DY", kDayNameShort},
    {"Day", kDayName, kCapital},
    {"Dy", kDayNameShort, kCapital},
    {"D", kDayOfWeek, kUpper, 1, true, kDay},
    {"FF1", kFraction, kUpper, 1, true},
    {"FF2", kFraction, kUpper, 2, true},
    {"FF3", kFraction, kUpper, 3, true},
    {"FF4", kFraction, kUpper, 4, true},
    {"FF5", kFraction, kUpper, 5, true},
    {"FF6", kFraction, kUpper, 6, true},
    {"FX", kExact},
    {"HH24", kHour24, kUpper, 2, true},
    {"HH12", kHour12, kUpper, 2, true},
    {"HH", kHour12, kUpper, 2, true},
    {"IDDD", kIsoDayOfYear, kUpper, 3, true, kIso},
    {"ID", kIsoDayOfWeek, kUpper, 1, true, kIso},
    {"IW", kIsoWeek, kUpper, 2, true, kIso},
    {"IYYY", kIsoYear, kUpper, 4, true, kIso},
    {"IYY", kIsoYear, kUpper, 3, true, kIso},
    {"IY", kIsoYear, kUpper, 2, true, kIso},
    {"I", kIsoYear, kUpper, 1, true, kIso},
    {"J", kJulianDay, kUpper, 1, true},
    {"MI", kMinute, kUpper, 2, true},
    {"MM", kMonth, kUpper, 2, true, kDay},
    {"MONTH", kMonthName, kUpper, 0, false, kDay},
    {"MON", kMonthNameShort, kUpper, 0, false, kDay},
    {"MS", kFraction, kUpper, 3, true},
    {"Month", kMonthName, kCapital, 0, false, kDay},
    {"Mon", kMonthNameShort, kCapital, 0, false, kDay},
    {"OF", kOffset},
    {"P.M.", kMeridiemDotted},
    {"PM", kMeridiem},
    {"Q", kQuarter, kUpper, 1, true},
    {"RM", kRomanMonth, kUpper, 0, false, kDay},
    {"SSSSS", kSecondOfDay, kUpper, 5, true},
    {"SSSS", kSecondOfDay, kUpper, 4, true},
    {"SS", kSecond, kUpper, 2, true},
    {"TZH", kZoneHour},
    {"TZM", kZoneMinute, kUpper, 0, true},
    {"TZ", kZone},
    {"US", kFraction, kUpper, 6, true},
    {"WW", kWeekOfYear, kUpper, 2, true, kDay},
    {"W", kWeekOfMonth, kUpper, 1, true, kDay},
    {"Y,YYY", kYearWithComma, kUpper, 4, true, kDay},
    {"YYYY", kYear, kUpper, 4, true, kDay},
    {"YYY", kYear, kUpper, 3, true, kDay},
    {"YY", kYear, kUpper, 2, true, kDay},
    {"Y", kYear, kUpper, 1, true, kDay},
    {"a.d.", kEraDotted, kLower},
    {"a.m.", kMeridiemDotted, kLower},
    {"ad", kEra, kLower},
    {"am", kMeridiem, kLower},
    {"b.c.", kEraDotted, kLower},
    {"bc", kEra, kLower},
    {"cc", kCentury, kUpper, 0, true},
    {"day", kDayName, kLower},
    {"ddd", kDayOfYear, kUpper, 3, true, kDay},
    {"dd", kDayOfMonth, kUpper, 2, true, kDay},
    {"dy", kDayNameShort, kLower},
    {"d", kDayOfWeek, kUpper, 1, true, kDay},
    {"ff1", kFraction, kUpper, 1, true},
    {"ff2", kFraction, kUpper, 2, true},
    {"ff3", kFraction, kUpper, 3, true},
    {"ff4", kFraction, kUpper, 4, true},
    {"ff5", kFraction, kUpper, 5, true},
    {"ff6", kFraction, kUpper, 6, true},
    {"fx", kExact},
    {"hh24", kHour24, kUpper, 2, true},
    {"hh12", kHour12, kUpper, 2, true},
    {"hh", kHour12, kUpper, 2, true},
    {"iddd", kIsoDayOfYear, kUpper, 3, true, kIso},
    {"id", kIsoDayOfWeek, kUpper, 1, true, kIso},
    {"iw", kIsoWeek, kUpper, 2, true, kIso},
    {"iyyy", kIsoYear, kUpper, 4, true, kIso},
    {"iyy", kIsoYear, kUpper, 3, true, kIso},
    {"iy", kIsoYear, kUpper, 2, true, kIso},
    {"i", kIsoYear, kUpper, 1, true, kIso},
    {"j", kJulianDay, kUpper, 1, true},
    {"mi", kMinute, kUpper, 2, true},
    {"mm", kMonth, kUpper, 2, true, kDay},
    {"month", kMonthName, kLower, 0, false, kDay},
    {"mon", kMonthNameShort, kLower, 0, false, kDay},
    {"ms", kFraction, kUpper, 3, true},
    {"of", kOffset},
    {"p.m.", kMeridiemDotted, kLower},
    {"pm", kMeridiem, kLower},
    {"q", kQuarter, kUpper, 1, true},
    {"rm", kRomanMonth, kLower, 0, false, kDay},
    {"sssss", kSecondOfDay, kUpper, 5, true},
    {"ssss", kSecondOfDay, kUpper, 4, true},
    {"ss", kSecond, kUpper, 2, true},
    {"tzh", kZoneHour},
    {"tzm", kZoneMinute, kUpper, 0, true},
    {"tz", kZone, kLower},
    {"us", kFraction, kUpper, 6, true},
    {"ww", kWeekOfYear, kUpper, 2, true, kDay},
    {"w", kWeekOfMonth, kUpper, 1, true, kDay},
    {"y,yyy", kYearWithComma, kUpper, 4, true, kDay},
    {"yyyy", kYear, kUpper, 4, true, kDay},
    {"yyy", kYear, kUpper, 3, true, kDay},
    {"yy", kYear, kUpper, 2, true, kDay},
    {"y", kYear, kUpper, 1, true, kDay},
};

const TimeFieldName* FindTimeField(std::string_view text) {
  const auto* found =
      std::ranges::find_if(kTimeFieldNames, [&](const auto& name) { return text.starts_with(name.name); });
  return found == std::end(kTimeFieldNames) ? nullptr : found;
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

void AddCharacter(std::vector<TimePiece>& pieces, std::string_view& rest, bool quoted) {
  const std::size_t bytes = CharacterBytes(rest);
  TimePiece piece;
  piece.text = rest.substr(0, bytes);
  if (!quoted && IsSeparator(rest[0])) {
    piece.field = kSeparator;
  } else if (!quoted && IsAsciiSpace(rest[0])) {
    piece.field = kSpace;
  }
  pieces.push_back(std::move(piece));
  rest.remove_prefix(bytes);
}

void AddQuoted(std::vector<TimePiece>& pieces, std::string_view& rest) {
  rest.remove_prefix(1);
  while (!rest.empty()) {
    if (TakePrefix(rest, "\"")) return;
    if (rest[0] == '\\' && rest.size() > 1) rest.remove_prefix(1);
    AddCharacter(pieces, rest, true);
  }
}

}  // namespace

TimePattern ReadTimePattern(std::string_view text) {
  if (text.size() > kPatternBytesMax) {
    throw duckdb::InvalidInputException("a format of %llu bytes is longer than %llu", text.size(), kPatternBytesMax);
  }
  TimePattern pattern{std::string(text), {}};
  std::string_view rest = text;
  while (!rest.empty()) {
    TimePiece piece;
    piece.fill = TakePrefix(rest, "FM") || TakePrefix(rest, "fm");
    if (!piece.fill) piece.translated = TakePrefix(rest, "TM") || TakePrefix(rest, "tm");
    piece.name = FindTimeField(rest);
    if (piece.name != nullptr) {
      piece.field = piece.name->field;
      rest.remove_prefix(piece.name->name.size());
      piece.ordinal_upper = TakePrefix(rest, "TH");
      piece.ordinal = piece.ordinal_upper || TakePrefix(rest, "th");
      if (!piece.ordinal) TakePrefix(rest, "SP");
      pattern.pieces.push_back(std::move(piece));
    } else if (rest.starts_with('"')) {
      AddQuoted(pattern.pieces, rest);
    } else if (!rest.empty()) {
      if (rest.starts_with("\\\"")) rest.remove_prefix(1);
      AddCharacter(pattern.pieces, rest, false);
    }
  }
  return pattern;
}

std::size_t CharacterBytes(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return std::min(bytes, text.size());
}

}  // namespace smelt::engine::postgres
