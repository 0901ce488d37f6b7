#include "workbook/cell_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace smelt::workbook {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
/// 1970-01-01 in Excel's count.
constexpr std::int64_t kEpochDay = 25'569;
/// The day that never was: 1900-02-29. Days before the first of March count one less.
constexpr std::int64_t kPhantomDay = 60;
constexpr std::int64_t kLastDay = 2'958'465;  // 9999-12-31
constexpr std::size_t kDigitsMax = 15;

/// How many digits of a number matter: without zeros at its ends.
std::size_t SignificantDigits(std::string_view text) {
  const std::string_view mantissa = text.substr(0, text.find_first_of("eE"));
  std::size_t digits = 0, zeros = 0;
  for (const char c : mantissa) {
    if (c < '0' || c > '9' || (c == '0' && digits == 0)) continue;
    zeros = c == '0' ? zeros + 1 : 0;
    ++digits;
  }
  return digits - zeros;
}

}  // namespace

std::optional<Serial> SerialOf(std::int64_t micros) {
  std::int64_t day = micros / kMicrosPerDay;
  std::int64_t of_day = micros % kMicrosPerDay;
  if (of_day < 0) {
    of_day += kMicrosPerDay;
    --day;
  }
  day += kEpochDay;
  if (day <= kPhantomDay) --day;
  if (day < 1 || day > kLastDay) return std::nullopt;
  Serial serial = SerialOfTime(of_day);
  serial.days += static_cast<double>(day);
  return serial;
}

Serial SerialOfTime(std::int64_t micros) {
  return {.days = static_cast<double>(micros) / static_cast<double>(kMicrosPerDay),
          .has_fraction_of_second = micros % kMicrosPerSecond != 0};
}

std::optional<double> ExactNumber(std::string_view text) {
  return SignificantDigits(text) <= kDigitsMax ? NearestNumber(text) : std::nullopt;
}

std::optional<double> NearestNumber(std::string_view text) {
  double value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace smelt::workbook
