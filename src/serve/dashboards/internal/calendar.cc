#include "serve/dashboards/internal/calendar.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "serve/dashboards/selection.h"

namespace smelt::serve {
namespace internal {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

std::optional<sys_days> ReadDay(std::string_view text) {
  constexpr std::size_t kLength = 10;
  if (text.size() != kLength || text[4] != '-' || text[7] != '-') return std::nullopt;
  std::array<unsigned, 3> parts{};
  const std::array<std::string_view, 3> texts = {text.substr(0, 4), text.substr(5, 2), text.substr(8, 2)};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const char* end = texts[i].data() + texts[i].size();
    const auto [stop, error] = std::from_chars(texts[i].data(), end, parts[i]);
    if (error != std::errc() || stop != end) return std::nullopt;
  }
  const year_month_day day{std::chrono::year(static_cast<int>(parts[0])), std::chrono::month(parts[1]),
                           std::chrono::day(parts[2])};
  return day.ok() ? std::optional(sys_days(day)) : std::nullopt;
}

std::string DayText(sys_days day) {
  const year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

sys_days AddMonths(sys_days day, int months) {
  const year_month_day date = year_month_day(day) + std::chrono::months(months);
  return date.ok() ? sys_days(date) : sys_days(date.year() / date.month() / std::chrono::last);
}

}  // namespace internal

namespace {

using internal::AddMonths;
using internal::DayText;
using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr int kDaysOfWeek = 7;
constexpr int kMonthsOfQuarter = 3;
constexpr int kMonthsOfYear = 12;

ChosenRange Range(sys_days from, sys_days to) {
  return {.from = DayText(from), .to = DayText(to)};
}

/// The first day of the week (Monday), month, quarter or year that a day is in; nothing for another unit.
std::optional<sys_days> FirstOf(std::string_view unit, sys_days day) {
  const year_month_day date(day);
  const unsigned month = static_cast<unsigned>(date.month());
  const auto first_of = [&date](unsigned of) { return sys_days(date.year() / std::chrono::month(of) / 1); };
  if (unit == "week") return day - (std::chrono::weekday(day) - std::chrono::Monday);
  if (unit == "month") return first_of(month);
  if (unit == "quarter") return first_of((month - 1) / kMonthsOfQuarter * kMonthsOfQuarter + 1);
  if (unit == "year") return first_of(1);
  return std::nullopt;
}

/// A day so many units earlier; nothing for another unit.
std::optional<sys_days> Earlier(sys_days day, int count, std::string_view unit) {
  if (unit == "day") return day - days(count);
  if (unit == "week") return day - days(count * kDaysOfWeek);
  if (unit == "month") return AddMonths(day, -count);
  if (unit == "quarter") return AddMonths(day, -count * kMonthsOfQuarter);
  if (unit == "year") return AddMonths(day, -count * kMonthsOfYear);
  return std::nullopt;
}

/// Of "12_months", the days of that many units up to and with `last`.
std::optional<ChosenRange> LastUnits(std::string_view count_and_unit, sys_days last) {
  int count = 0;
  const char* end = count_and_unit.data() + count_and_unit.size();
  const auto [stop, error] = std::from_chars(count_and_unit.data(), end, count);
  constexpr int kCountMax = 1000;
  if (error != std::errc() || count < 1 || count > kCountMax) return std::nullopt;
  std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  if (!unit.starts_with('_')) return std::nullopt;
  unit.remove_prefix(1);
  if (unit.ends_with('s')) unit.remove_suffix(1);
  const auto from = Earlier(last + days(1), count, unit);
  return from ? std::optional(Range(*from, last)) : std::nullopt;
}

/// Whether the days are the whole of so many months; nothing if they are not.
std::optional<int> WholeMonths(sys_days from, sys_days to) {
  const year_month_day first(from);
  const year_month_day after(to + days(1));
  if (static_cast<unsigned>(first.day()) != 1 || static_cast<unsigned>(after.day()) != 1) return std::nullopt;
  const auto months = (after.year() / after.month()) - (first.year() / first.month());
  return static_cast<int>(months.count());
}

}  // namespace

std::optional<ChosenRange> PeriodOf(std::string_view name, std::string_view last_day) {
  const auto last = internal::ReadDay(last_day);
  if (!last) return std::nullopt;
  if (name == "all") return ChosenRange{};
  if (name == "today") return Range(*last, *last);
  if (name == "yesterday") return Range(*last - days(1), *last - days(1));
  if (name.starts_with("last_")) return LastUnits(name.substr(5), *last);
  if (name.starts_with("this_")) {
    const auto first = FirstOf(name.substr(5), *last);
    return first ? std::optional(Range(*first, *last)) : std::nullopt;
  }
  if (name.starts_with("previous_")) {
    const std::string_view unit = name.substr(9);
    const auto first = FirstOf(unit, *last);
    return first ? std::optional(Range(*Earlier(*first, 1, unit), *first - days(1))) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<ChosenRange> PeriodBefore(const ChosenRange& range) {
  const auto from = range.from ? internal::ReadDay(*range.from) : std::nullopt;
  const auto to = range.to ? internal::ReadDay(*range.to) : std::nullopt;
  if (!from || !to || *to < *from) return std::nullopt;
  if (const auto months = WholeMonths(*from, *to)) return Range(AddMonths(*from, -*months), *from - days(1));
  return Range(*from - (*to - *from) - days(1), *from - days(1));
}

}  // namespace smelt::serve
