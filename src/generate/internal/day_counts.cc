#include "generate/internal/day_counts.h"

#include <chrono>
#include <cmath>

namespace smelt::generate {
namespace {

double WeightOfDay(const DataSet& data, std::int64_t day) {
  const std::chrono::sys_days date{std::chrono::days{day}};
  const unsigned month = static_cast<unsigned>(std::chrono::year_month_day{date}.month());
  const unsigned weekday = std::chrono::weekday{date}.iso_encoding();
  const double years = static_cast<double>(day - data.first_day) / 365.25;
  return data.months[month - 1] * data.weekdays[weekday - 1] * (1.0 + data.yearly_growth * years);
}

}  // namespace

std::vector<std::int64_t> RowsPerDay(const DataSet& data, std::int64_t total, std::int64_t last_day) {
  double in_period = 0;
  for (std::int64_t day = data.first_day; day <= data.last_day; ++day) in_period += WeightOfDay(data, day);
  std::vector<std::int64_t> rows;
  double so_far = 0;
  std::int64_t given = 0;
  for (std::int64_t day = data.first_day; day <= last_day; ++day) {
    so_far += WeightOfDay(data, day);
    const std::int64_t due = std::llround(so_far / in_period * static_cast<double>(total));
    rows.push_back(due - given);
    given = due;
  }
  return rows;
}

}  // namespace smelt::generate
