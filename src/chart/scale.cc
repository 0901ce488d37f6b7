#include "chart/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numeric>
#include <string_view>

namespace smelt::chart {
namespace {

namespace chrono = std::chrono;

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kDayUs = 24 * kHourUs;
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Distances of marks, from small to large: so many hours, days or months.
struct TimeStep {
  int hours = 0, days = 0, months = 0;
};

constexpr auto kTimeSteps = std::to_array<TimeStep>({{.hours = 1},
                                                     {.hours = 3},
                                                     {.hours = 6},
                                                     {.hours = 12},
                                                     {.days = 1},
                                                     {.days = 2},
                                                     {.days = 7},
                                                     {.days = 14},
                                                     {.months = 1},
                                                     {.months = 2},
                                                     {.months = 3},
                                                     {.months = 6},
                                                     {.months = 12},
                                                     {.months = 24},
                                                     {.months = 60},
                                                     {.months = 120},
                                                     {.months = 600}});

chrono::sys_days DayOf(std::int64_t micros) {
  return chrono::floor<chrono::days>(chrono::sys_time<chrono::microseconds>(chrono::microseconds(micros)));
}

std::int64_t MicrosOf(chrono::sys_days day) {
  return chrono::duration_cast<chrono::microseconds>(day.time_since_epoch()).count();
}

std::int64_t RoundUp(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = ((value % step) + step) % step;
  return rest == 0 ? value : value + step - rest;
}

/// The first mark at or after `from`.
std::int64_t FirstMark(const TimeStep& step, std::int64_t from) {
  if (step.hours > 0) return RoundUp(from, step.hours * kHourUs);
  if (step.days > 0) {
    // Day 4 after the epoch, a Thursday, is the first Monday.
    const std::int64_t shift = step.days % 7 == 0 ? 4 * kDayUs : 0;
    return RoundUp(from - shift, step.days * kDayUs) + shift;
  }
  const chrono::year_month_day date{DayOf(from)};
  std::int64_t months = static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month())) - 1;
  if (MicrosOf(chrono::sys_days{date.year() / date.month() / 1}) < from) ++months;
  months = RoundUp(months, step.months);
  const chrono::year_month_day start{chrono::year(static_cast<int>(months / 12)),
                                     chrono::month(static_cast<unsigned>(months % 12 + 1)), chrono::day(1)};
  return MicrosOf(chrono::sys_days{start});
}

std::int64_t NextMark(const TimeStep& step, std::int64_t mark) {
  return FirstMark(step, mark + 1);
}

std::string Label(const TimeStep& step, std::int64_t at, bool with_year) {
  const chrono::sys_days day = DayOf(at);
  const chrono::year_month_day date{day};
  const int year = static_cast<int>(date.year());
  const std::string_view month = kMonths.at(static_cast<unsigned>(date.month()) - 1);
  const std::string year_text = with_year ? fmt::format(" {}", year) : std::string();
  if (step.months >= 12) return std::to_string(year);
  if (step.months > 0) return fmt::format("{}{}", month, year_text);
  const std::int64_t hour = (at - MicrosOf(day)) / kHourUs;
  if (step.hours > 0 && hour != 0) return fmt::format("{:02}:00", hour);
  return fmt::format("{} {}{}", static_cast<unsigned>(date.day()), month, year_text);
}

int YearOf(std::int64_t at) {
  return static_cast<int>(chrono::year_month_day{DayOf(at)}.year());
}

}  // namespace

Ticks NiceTicks(double low, double high, int count) {
  if (!std::isfinite(low) || !std::isfinite(high)) return NiceTicks(0, 1, count);
  if (low > high) std::swap(low, high);
  if (low == high) {
    const double room = low == 0 ? 1 : std::abs(low) * 0.1;
    return low == 0 ? NiceTicks(0, 1, count) : NiceTicks(low - room, high + room, count);
  }
  const double wanted = (high - low) / std::max(count, 1);
  const double power = std::pow(10, std::floor(std::log10(wanted)));
  const double share = wanted / power;
  Ticks ticks;
  ticks.step = power * (share <= 1.0000001 ? 1 : share <= 2.0000001 ? 2 : share <= 5.0000001 ? 5 : 10);
  ticks.decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(ticks.step) - 1e-9)), 0, 12);
  const auto first = static_cast<std::int64_t>(std::floor(low / ticks.step + 1e-9));
  const auto last = static_cast<std::int64_t>(std::ceil(high / ticks.step - 1e-9));
  for (std::int64_t at = first; at <= last; ++at) ticks.values.push_back(static_cast<double>(at) * ticks.step);
  return ticks;
}

double Scale::operator()(double value) const {
  if (low_ == high_) return (from_ + to_) / 2;
  return from_ + (value - low_) / (high_ - low_) * (to_ - from_);
}

std::vector<TimeTick> TimeTicks(std::int64_t from_us, std::int64_t to_us, int count) {
  if (from_us > to_us) std::swap(from_us, to_us);
  const auto most = static_cast<std::size_t>(std::max(count, 2));
  for (const TimeStep& step : kTimeSteps) {
    std::vector<std::int64_t> marks;
    for (std::int64_t at = FirstMark(step, from_us); at <= to_us && marks.size() <= most; at = NextMark(step, at)) {
      marks.push_back(at);
    }
    if (marks.size() > most) continue;
    std::vector<TimeTick> ticks;
    for (std::size_t index = 0; index < marks.size(); ++index) {
      const bool new_year = index == 0 || YearOf(marks[index]) != YearOf(marks[index - 1]);
      ticks.push_back({marks[index], Label(step, marks[index], new_year)});
    }
    return ticks;
  }
  return {};
}

std::vector<double> SpreadLabels(const std::vector<double>& wanted, double gap, double low, double high) {
  if (wanted.empty()) return {};
  const auto labels = static_cast<double>(wanted.size());
  if (labels > 1) gap = std::min(gap, (high - low) / (labels - 1));
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t index) { return wanted[index]; });
  // Neighbours that are too near become a group around their mean; groups that meet become one.
  struct Group {
    double sum = 0, count = 0;
    double middle(double low, double high, double gap) const {
      const double half = (count - 1) * gap / 2;
      return std::clamp(sum / count, low + half, std::max(low + half, high - half));
    }
  };
  std::vector<Group> groups;
  for (const std::size_t index : order) {
    groups.push_back({wanted[index], 1});
    while (groups.size() > 1) {
      const Group &upper = groups[groups.size() - 2], &lower = groups.back();
      const double between = lower.middle(low, high, gap) - upper.middle(low, high, gap);
      if (between >= (upper.count + lower.count) / 2 * gap - 1e-9) break;
      groups[groups.size() - 2] = {upper.sum + lower.sum, upper.count + lower.count};
      groups.pop_back();
    }
  }
  std::vector<double> places(wanted.size());
  std::size_t next = 0;
  for (const Group& group : groups) {
    const double start = group.middle(low, high, gap) - (group.count - 1) * gap / 2;
    for (int at = 0; at < static_cast<int>(group.count); ++at) places[order[next++]] = start + at * gap;
  }
  return places;
}

}  // namespace smelt::chart
