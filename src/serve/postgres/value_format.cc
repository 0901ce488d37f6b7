#include "serve/postgres/value_format.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>

#include "engine/open_numeric.h"
#include "engine/postgres_text.h"

namespace smelt::serve::postgres {
namespace {

using engine::Int128;

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerMinute = 60;
constexpr std::int64_t kSecondsPerHour = 3'600;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

/// At least `width` digits.
void PutPadded(std::uint64_t value, int width, WireBuffer& out) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  const auto length = static_cast<int>(end - digits.data());
  for (int i = length; i < width; ++i) out.PutByte('0');
  out.Put({digits.data(), static_cast<std::size_t>(length)});
}

/// The fraction of a second, without zeros at its end; nothing for 0.
void PutFraction(std::int64_t micros, WireBuffer& out) {
  if (micros == 0) return;
  constexpr int kDigits = 6;
  constexpr int kBase = 10;
  int width = kDigits;
  while (micros % kBase == 0) {
    micros /= kBase;
    --width;
  }
  out.PutByte('.');
  PutPadded(static_cast<std::uint64_t>(micros), width, out);
}

/// A calendar day; whether it is before Christ, which is written behind the time.
bool PutDay(std::int32_t days, WireBuffer& out) {
  // std::chrono's year has 16 bits, dates reach further: the cycle of 400 years brings them into its reach.
  constexpr std::int32_t kCycleDays = 146'097;
  constexpr std::int32_t kCycleYears = 400;
  const std::int32_t cycle = days / kCycleDays;
  const std::chrono::year_month_day near{std::chrono::sys_days(std::chrono::days(days - cycle * kCycleDays))};
  std::int64_t year = static_cast<int>(near.year()) + std::int64_t{cycle} * kCycleYears;
  const bool before = year <= 0;
  if (before) year = 1 - year;
  constexpr int kYearDigits = 4;
  PutPadded(static_cast<std::uint64_t>(year), kYearDigits, out);
  out.PutByte('-');
  PutPadded(static_cast<unsigned>(near.month()), 2, out);
  out.PutByte('-');
  PutPadded(static_cast<unsigned>(near.day()), 2, out);
  return before;
}

bool PutInfinity(bool negative, bool positive, WireBuffer& out) {
  if (positive) out.Put("infinity");
  if (negative) out.Put("-infinity");
  return positive || negative;
}

std::int64_t FloorDiv(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

template <typename T>
void PutReal(T value, WireBuffer& out) {
  char* room = out.Room(engine::kRealTextMax);
  out.Commit(static_cast<std::size_t>(engine::WriteReal(value, room) - room));
}

/// Writes digits with a point `scale` from the right.
void PutScaled(bool negative, std::string_view digits, int scale, WireBuffer& out) {
  if (negative) out.PutByte('-');
  const auto places = static_cast<std::size_t>(scale);
  if (digits.size() <= places) {
    out.PutByte('0');
    out.PutByte('.');
    for (std::size_t i = digits.size(); i < places; ++i) out.PutByte('0');
    return out.Put(digits);
  }
  out.Put(digits.substr(0, digits.size() - places));
  if (places == 0) return;
  out.PutByte('.');
  out.Put(digits.substr(digits.size() - places));
}

}  // namespace

void PutDate(std::int32_t days, WireBuffer& out) {
  if (PutInfinity(days == -engine::kDateInfinity, days == engine::kDateInfinity, out)) return;
  if (PutDay(days, out)) out.Put(" BC");
}

void PutTime(std::int64_t micros, WireBuffer& out) {
  const std::int64_t seconds = micros / kMicrosPerSecond;
  PutPadded(static_cast<std::uint64_t>(seconds / kSecondsPerHour), 2, out);
  out.PutByte(':');
  PutPadded(static_cast<std::uint64_t>(seconds % kSecondsPerHour / kSecondsPerMinute), 2, out);
  out.PutByte(':');
  PutPadded(static_cast<std::uint64_t>(seconds % kSecondsPerMinute), 2, out);
  PutFraction(micros % kMicrosPerSecond, out);
}

void PutZoneOffset(std::int32_t seconds_east, WireBuffer& out) {
  out.PutByte(seconds_east < 0 ? '-' : '+');
  const std::int64_t seconds = std::abs(seconds_east);
  PutPadded(static_cast<std::uint64_t>(seconds / kSecondsPerHour), 2, out);
  const std::int64_t rest = seconds % kSecondsPerHour;
  if (rest == 0) return;
  out.PutByte(':');
  PutPadded(static_cast<std::uint64_t>(rest / kSecondsPerMinute), 2, out);
  if (rest % kSecondsPerMinute == 0) return;
  out.PutByte(':');
  PutPadded(static_cast<std::uint64_t>(rest % kSecondsPerMinute), 2, out);
}

void PutTimestamp(std::int64_t micros, WireBuffer& out) {
  if (PutInfinity(micros == -engine::kTimestampInfinity, micros == engine::kTimestampInfinity, out)) return;
  const std::int64_t days = FloorDiv(micros, kMicrosPerDay);
  const bool before = PutDay(static_cast<std::int32_t>(days), out);
  out.PutByte(' ');
  PutTime(micros - days * kMicrosPerDay, out);
  if (before) out.Put(" BC");
}

void PutTimestampTz(std::int64_t micros, const TimeZone& zone, WireBuffer& out) {
  if (PutInfinity(micros == -engine::kTimestampInfinity, micros == engine::kTimestampInfinity, out)) return;
  const std::chrono::sys_seconds instant{std::chrono::seconds(FloorDiv(micros, kMicrosPerSecond))};
  const auto offset = static_cast<std::int32_t>(zone.SpanAt(instant).offset.count());
  const std::int64_t local = micros + offset * kMicrosPerSecond;
  const std::int64_t days = FloorDiv(local, kMicrosPerDay);
  const bool before = PutDay(static_cast<std::int32_t>(days), out);
  out.PutByte(' ');
  PutTime(local - days * kMicrosPerDay, out);
  PutZoneOffset(offset, out);
  if (before) out.Put(" BC");
}

void PutInterval(const engine::IntervalValue& value, WireBuffer& out) {
  constexpr int kMonthsPerYear = 12;
  bool first = true;
  bool negative_before = false;
  auto put = [&](std::int64_t number, std::string_view unit) {
    if (number == 0) return;
    if (!first) out.PutByte(' ');
    if (negative_before && number > 0) out.PutByte('+');
    PutInteger(number, out);
    out.PutByte(' ');
    out.Put(unit);
    if (number != 1) out.PutByte('s');
    negative_before = number < 0;
    first = false;
  };
  put(value.months / kMonthsPerYear, "year");
  put(value.months % kMonthsPerYear, "mon");
  put(value.days, "day");
  if (!first && value.micros == 0) return;
  if (!first) out.PutByte(' ');
  if (value.micros < 0) {
    out.PutByte('-');
  } else if (negative_before) {
    out.PutByte('+');
  }
  // Not std::abs: the smallest number has no positive one.
  const std::uint64_t micros =
      value.micros < 0 ? 0 - static_cast<std::uint64_t>(value.micros) : static_cast<std::uint64_t>(value.micros);
  PutTime(static_cast<std::int64_t>(micros), out);
}

void PutDouble(double value, WireBuffer& out) {
  PutReal(value, out);
}

void PutFloat(float value, WireBuffer& out) {
  PutReal(value, out);
}

void PutInteger(std::int64_t value, WireBuffer& out) {
  constexpr std::size_t kRoom = 24;
  char* room = out.Room(kRoom);
  out.Commit(static_cast<std::size_t>(std::to_chars(room, room + kRoom, value).ptr - room));
}

void PutDecimal64(std::int64_t value, int scale, WireBuffer& out) {
  if (scale == 0) return PutInteger(value, out);
  std::array<char, 24> digits{};
  const std::uint64_t size = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size).ptr;
  PutScaled(value < 0, {digits.data(), static_cast<std::size_t>(end - digits.data())}, scale, out);
}

void PutDecimal(const Int128& value, int scale, WireBuffer& out, bool is_unsigned) {
  __extension__ using Wide = unsigned __int128;
  constexpr int kHalf = 64;
  constexpr unsigned kBase = 10;
  Wide wide = static_cast<Wide>(static_cast<std::uint64_t>(value.upper)) << kHalf | value.lower;
  const bool negative = !is_unsigned && value.upper < 0;
  if (negative) wide = 0 - wide;
  std::array<char, 40> digits{};
  std::size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + static_cast<unsigned>(wide % kBase));
    wide /= kBase;
  } while (wide != 0);
  PutScaled(negative, {digits.data() + at, digits.size() - at}, scale, out);
}

void PutOpenDecimal(const Int128& value, int scale, WireBuffer& out) {
  __extension__ using Wide = __int128;
  constexpr int kHalf = 64, kBase = 10;
  Wide wide = static_cast<Wide>(value.upper) << kHalf | value.lower;
  for (const int shown = engine::ShownScale(value, scale); scale > shown; --scale) wide /= kBase;
  PutDecimal({static_cast<std::uint64_t>(wide), static_cast<std::int64_t>(wide >> kHalf)}, scale, out);
}

void PutUuid(const Int128& value, WireBuffer& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::uint64_t kTop = std::uint64_t{1} << 63U;
  constexpr int kBytes = 8;
  const std::uint64_t upper = static_cast<std::uint64_t>(value.upper) ^ kTop;
  for (int i = 0; i < 2 * kBytes; ++i) {
    const std::uint64_t half = i < kBytes ? upper : value.lower;
    const auto byte = static_cast<unsigned>(half >> (static_cast<unsigned>(kBytes - 1 - i % kBytes) * 8U) & 0xFFU);
    if (i == 4 || i == 6 || i == 8 || i == 10) out.PutByte('-');
    out.PutByte(kHex[byte >> 4U]);
    out.PutByte(kHex[byte & 0xFU]);
  }
}

void PutHex(std::string_view bytes, WireBuffer& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  char* room = out.Room(2 + bytes.size() * 2);
  *room++ = '\\';
  *room++ = 'x';
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    *room++ = kHex[byte >> 4U];
    *room++ = kHex[byte & 0xFU];
  }
  out.Commit(2 + bytes.size() * 2);
}

}  // namespace smelt::serve::postgres
