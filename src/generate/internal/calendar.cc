#include "generate/internal/calendar.h"

#include <array>
#include <chrono>

#include "generate/internal/market.h"

namespace smelt::generate {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr sys_days kFirst{year_month_day{std::chrono::year{2016}, std::chrono::month{9}, std::chrono::day{4}}};
constexpr sys_days kLast{year_month_day{std::chrono::year{2018}, std::chrono::month{10}, std::chrono::day{17}}};
constexpr sys_days kBlackFriday{year_month_day{std::chrono::year{2017}, std::chrono::month{11}, std::chrono::day{24}}};

/// Orders per day of each month from September 2016, in tenths: slow start, growth through 2017, a plateau in 2018.
constexpr std::array kMonthLevels = {4,    95,   20,   35,   260,  620,  860,  800,  1180, 1080, 1290, 1390, 1420,
                                     1480, 1950, 1800, 2310, 2360, 2300, 2290, 2200, 2040, 2010, 2080, 1960, 2000};

constexpr std::array kWeekdayPerCent = {84, 115, 114, 110, 105, 100, 77};  // from Sunday

year_month_day DateOf(int day) {
  return sys_days{days{day}};
}

int WeekdayPerCent(int day) {
  return kWeekdayPerCent[std::chrono::weekday{sys_days{days{day}}}.c_encoding()];
}

/// The week of Black Friday, in per cent of an ordinary day.
int SeasonPerCent(int day) {
  switch (day - static_cast<int>(kBlackFriday.time_since_epoch().count())) {
    case -1: return 150;
    case 0: return 560;
    case 1: return 270;
    case 2: return 190;
    case 3: return 180;
    case 4: return 150;
    default: return 100;
  }
}

std::int64_t DayWeight(int day) {
  const year_month_day date = DateOf(day);
  const int month =
      (static_cast<int>(date.year()) - 2016) * 12 + static_cast<int>(static_cast<unsigned>(date.month())) - 9;
  return std::int64_t{kMonthLevels[static_cast<std::size_t>(month)]} * WeekdayPerCent(day) * SeasonPerCent(day);
}

}  // namespace

int FirstBaseDay() {
  return static_cast<int>(kFirst.time_since_epoch().count());
}
int LastBaseDay() {
  return static_cast<int>(kLast.time_since_epoch().count());
}

std::vector<std::int64_t> OrdersPerBaseDay(std::int64_t total) {
  std::int64_t all = 0;
  for (int day = FirstBaseDay(); day <= LastBaseDay(); ++day) all += DayWeight(day);
  std::vector<std::int64_t> orders;
  std::int64_t weight = 0, given = 0;
  for (int day = FirstBaseDay(); day <= LastBaseDay(); ++day) {
    weight += DayWeight(day);
    // total × weight stays below 2^63 at every permitted scale: 1e7 × 2e9.
    const std::int64_t due = total * weight / all;
    orders.push_back(due - given);
    given = due;
  }
  return orders;
}

std::int64_t OrdersOfExtraDay(int day) {
  return 200 * WeekdayPerCent(day) / 100;
}

int TransitPerCent(int day) {
  const int after_black_friday = day - static_cast<int>(kBlackFriday.time_since_epoch().count());
  if (after_black_friday >= -2 && after_black_friday < 25) return 130;
  const year_month_day date = DateOf(day);
  if (date.year() == std::chrono::year{2018} &&
      (date.month() == std::chrono::February || date.month() == std::chrono::March)) {
    return 122;
  }
  return 100;
}

}  // namespace smelt::generate
