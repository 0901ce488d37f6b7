#include "transform/internal/metrics/time_range.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <chrono>
#include <string_view>

#include "engine/session.h"

namespace smelt::transform {
namespace {

using std::chrono::year_month_day;

constexpr std::size_t kDateLength = 10;  // 2018-01-31

std::optional<int> Number(std::string_view text) {
  int number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The day of a text that begins with one.
Result<year_month_day> Day(const std::string& text) {
  const std::string_view view(text);
  std::optional<int> year, month, day;
  if (view.size() >= kDateLength && view[4] == '-' && view[7] == '-') {
    year = Number(view.substr(0, 4));
    month = Number(view.substr(5, 2));
    day = Number(view.substr(8, 2));
  }
  if (year && month && day && *month > 0 && *day > 0) {
    const year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                              std::chrono::day(static_cast<unsigned>(*day)));
    if (date.ok()) return date;
  }
  return Fail(Error(ErrorCode::kMetricImpossible, fmt::format("'{}' is no date", text))
                  .Hint("write it as 2018-01-31 or 2018-01-31T10:00:00"));
}

/// As SQL, and whether it is a day as a whole.
struct Moment {
  std::string sql;
  bool is_day = true;
};

Result<Moment> ReadMoment(const std::string& text) {
  if (const auto day = Day(text); !day) return Fail(day.error());
  if (text.size() == kDateLength) return Moment{.sql = "DATE " + engine::QuoteLiteral(text)};
  for (std::size_t i = kDateLength; i < text.size(); ++i) {
    const char c = text[i];
    if (std::isdigit(static_cast<unsigned char>(c)) == 0 && c != ':' && c != '.' &&
        (i > kDateLength || (c != 'T' && c != ' '))) {
      return Fail(Error(ErrorCode::kMetricImpossible, fmt::format("'{}' is no time", text))
                      .Hint("write it as 2018-01-31 or 2018-01-31T10:00:00"));
    }
  }
  return Moment{.sql = "TIMESTAMP " + engine::QuoteLiteral(text), .is_day = false};
}

}  // namespace

Result<TimeRange> ReadTimeRange(const std::string& start, const std::string& end, std::optional<Grain> grain) {
  TimeRange range;
  const Grain unit = grain.value_or(Grain::kDay);
  if (!start.empty()) {
    SMELT_ASSIGN(const Moment moment, ReadMoment(start));
    range.begin = moment.is_day && unit <= Grain::kDay ? moment.sql : Truncated(unit, moment.sql);
  }
  if (!end.empty()) {
    SMELT_ASSIGN(const Moment moment, ReadMoment(end));
    const Grain last = moment.is_day && unit < Grain::kDay ? Grain::kDay : unit;
    range.end = fmt::format("({} + interval 1 {}){}", Truncated(last, moment.sql), GrainText(last),
                            last >= Grain::kDay ? "::date" : "");
  }
  return range;
}

Result<std::string> LengthOfRange(const std::string& start, const std::string& end) {
  if (start.empty() || end.empty()) {
    return Fail(Error(ErrorCode::kMetricImpossible, "there is no period to compare with the one before")
                    .Hint("group by metric_time at a grain, or give start and end"));
  }
  SMELT_ASSIGN(const year_month_day first, Day(start));
  SMELT_ASSIGN(const year_month_day last, Day(end));
  const auto days = std::chrono::sys_days(last) - std::chrono::sys_days(first) + std::chrono::days(1);
  if (days.count() < 1) {
    return Fail(Error(ErrorCode::kMetricImpossible, fmt::format("the end {} is before the start {}", end, start))
                    .Hint("exchange them"));
  }
  const year_month_day next(std::chrono::sys_days(last) + std::chrono::days(1));
  if (first.day() == std::chrono::day(1) && next.day() == std::chrono::day(1)) {
    const auto months = (next.year() / next.month()) - (first.year() / first.month());
    return fmt::format("interval {} month", months.count());
  }
  return fmt::format("interval {} day", days.count());
}

}  // namespace smelt::transform
