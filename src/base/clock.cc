#include "base/clock.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

namespace smelt {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

template <typename Unit>
std::int64_t SinceEpoch() {
  return std::chrono::duration_cast<Unit>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Reads a timestamp from left to right; every step says whether the text fits.
class TimestampReader {
 public:
  explicit TimestampReader(std::string_view text) : rest_(text) {}

  std::optional<std::int64_t> Read() {
    std::int64_t micros = 0;
    if (!Date(micros)) return std::nullopt;
    if (rest_.empty()) return micros;
    if (!Skip('T') && !Skip(' ')) return std::nullopt;
    if (!TimeOfDay(micros) || !Zone(micros) || !rest_.empty()) return std::nullopt;
    return micros;
  }

 private:
  bool Skip(char expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool Digits(std::size_t count, int& value) {
    if (rest_.size() < count) return false;
    value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return true;
  }

  bool Date(std::int64_t& micros) {
    int year = 0, month = 0, day = 0;
    if (!Digits(4, year) || !Skip('-') || !Digits(2, month) || !Skip('-') || !Digits(2, day)) return false;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return false;
    micros = std::chrono::sys_days(date).time_since_epoch().count() * kSecondsPerDay * kMicrosPerSecond;
    return true;
  }

  bool TimeOfDay(std::int64_t& micros) {
    int hour = 0, minute = 0, second = 0;
    if (!Digits(2, hour) || !Skip(':') || !Digits(2, minute)) return false;
    const bool has_seconds = Skip(':');
    if (has_seconds && !Digits(2, second)) return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    micros += ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond;
    return !has_seconds || !Skip('.') || Fraction(micros);
  }

  bool Fraction(std::int64_t& micros) {
    int digits = 0;
    for (std::int64_t unit = kMicrosPerSecond / 10; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; unit /= 10) {
      micros += unit * (rest_[0] - '0');
      rest_.remove_prefix(1);
      ++digits;
    }
    return digits >= 1 && digits <= 9;
  }

  bool Zone(std::int64_t& micros) {
    if (rest_.empty() || Skip('Z')) return true;
    const bool east = rest_[0] == '+';
    if (!Skip('+') && !Skip('-')) return false;
    int hour = 0, minute = 0;
    if (!Digits(2, hour)) return false;
    const bool has_minutes = Skip(':') || !rest_.empty();
    if ((has_minutes && !Digits(2, minute)) || hour > 23 || minute > 59) return false;
    const std::int64_t offset = (hour * 60 + minute) * 60 * kMicrosPerSecond;
    micros += east ? -offset : offset;
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::int64_t NowMicros() {
  return SinceEpoch<std::chrono::microseconds>();
}
std::int64_t NowMillis() {
  return SinceEpoch<std::chrono::milliseconds>();
}

double MonotonicSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string FormatUtcMicros(std::int64_t micros) {
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(micros)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

Result<std::int64_t> ParseTimestampMicros(std::string_view text) {
  if (const auto micros = TimestampReader(text).Read()) return *micros;
  return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is not a timestamp", text))
                  .Hint("write it as 2018-05-24T06:00:00Z or 2018-05-24"));
}

}  // namespace smelt
