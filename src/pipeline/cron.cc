#include "pipeline/cron.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <span>
#include <vector>

namespace smelt::pipeline {
namespace {

constexpr std::array<std::string_view, 12> kMonthNames = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdayNames = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

/// What one of the five fields may hold.
struct Field {
  std::string_view name;
  int low;
  int high;
  std::span<const std::string_view> names;  ///< of `low`, `low` + 1 …
};

constexpr Field kMinute = {"minute", 0, 59, {}};
constexpr Field kHour = {"hour", 0, 23, {}};
constexpr Field kDay = {"day of month", 1, 31, {}};
constexpr Field kMonth = {"month", 1, 12, kMonthNames};
constexpr Field kWeekday = {"day of week", 0, 7, kWeekdayNames};

/// The macros and the fields they stand for.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kMacros = {{{"@hourly", "0 * * * *"},
                                                                                   {"@daily", "0 0 * * *"},
                                                                                   {"@midnight", "0 0 * * *"},
                                                                                   {"@weekly", "0 0 * * 0"},
                                                                                   {"@monthly", "0 0 1 * *"},
                                                                                   {"@yearly", "0 0 1 1 *"},
                                                                                   {"@annually", "0 0 1 1 *"}}};

constexpr std::string_view kHint =
    "a schedule is five fields: minute hour day-of-month month day-of-week, as in \"0 2 * * *\"";

Error FieldError(const Field& field, std::string_view text, std::string_view problem) {
  return Error(ErrorCode::kPipelineSchedule, fmt::format("the {} '{}' of the schedule {}", field.name, text, problem))
      .Hint(std::string(kHint));
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words = Split(text, ' ');
  std::erase_if(words, [](std::string_view word) { return word.empty(); });
  return words;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

std::optional<int> ParseNumber(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-') return std::nullopt;
  return number;
}

/// A number or name of the field, within its range.
Result<int> ParseValue(const Field& field, std::string_view text) {
  const auto name = std::ranges::find(field.names, Lower(text));
  if (name != field.names.end()) return field.low + static_cast<int>(name - field.names.begin());
  const std::optional<int> number = text.empty() ? std::nullopt : ParseNumber(text);
  if (!number) return Fail(FieldError(field, text, "is not a number or name"));
  if (*number < field.low || *number > field.high) {
    return Fail(FieldError(field, text, fmt::format("is outside {} to {}", field.low, field.high)));
  }
  return *number;
}

/// Sets the bits of one element of a list: `*`, `5`, `1-5`, each with an optional `/step`.
template <std::size_t kSize>
Status ParseElement(const Field& field, std::string_view text, std::bitset<kSize>& bits) {
  const std::size_t slash = text.find('/');
  const std::string_view range = text.substr(0, slash);
  int step = 1;
  if (slash != std::string_view::npos) {
    const std::string_view step_text = text.substr(slash + 1);
    const std::optional<int> number = step_text.empty() ? std::nullopt : ParseNumber(step_text);
    if (!number || *number < 1) return Fail(FieldError(field, text, "has a step that is not a positive number"));
    step = *number;
  }
  int low = field.low;
  int high = field.high;
  if (range != "*") {
    const std::size_t dash = range.find('-');
    SMELT_ASSIGN(low, ParseValue(field, range.substr(0, dash)));
    if (dash != std::string_view::npos) {
      SMELT_ASSIGN(high, ParseValue(field, range.substr(dash + 1)));
      if (&field == &kWeekday && high == 0) high = 7;  // a week may end on Sunday: mon-sun
    } else if (slash == std::string_view::npos) {
      high = low;
    }
  }
  if (low > high) return Fail(FieldError(field, text, "is a range that goes downwards"));
  for (int value = low; value <= high; value += step) {
    bits.set(static_cast<std::size_t>(&field == &kWeekday ? value % 7 : value));
    if (step > field.high) break;
  }
  return {};
}

template <std::size_t kSize>
Status ParseField(const Field& field, std::string_view text, std::bitset<kSize>& bits) {
  for (const std::string_view element : Split(text, ',')) SMELT_TRY(ParseElement(field, element, bits));
  return {};
}

}  // namespace

Result<CronSchedule> CronSchedule::Parse(std::string_view text) {
  CronSchedule schedule;
  schedule.text_ = text;
  std::vector<std::string_view> fields = Words(text);
  const auto macro = fields.size() == 1
                         ? std::ranges::find(kMacros, Lower(fields[0]), [](const auto& entry) { return entry.first; })
                         : kMacros.end();
  if (macro != kMacros.end()) fields = Words(macro->second);
  if (fields.size() != 5) {
    return Fail(Error(ErrorCode::kPipelineSchedule, fmt::format("the schedule '{}' has {} field{}, not five", text,
                                                                fields.size(), fields.size() == 1 ? "" : "s"))
                    .Hint(std::string(kHint)));
  }
  SMELT_TRY(ParseField(kMinute, fields[0], schedule.minutes_));
  SMELT_TRY(ParseField(kHour, fields[1], schedule.hours_));
  SMELT_TRY(ParseField(kDay, fields[2], schedule.days_));
  SMELT_TRY(ParseField(kMonth, fields[3], schedule.months_));
  SMELT_TRY(ParseField(kWeekday, fields[4], schedule.weekdays_));
  schedule.any_day_ = fields[2].front() == '*';
  schedule.any_weekday_ = fields[4].front() == '*';
  if (!schedule.FindAfter(std::chrono::local_seconds{})) {
    return Fail(
        Error(ErrorCode::kPipelineSchedule, fmt::format("the schedule '{}' never fires: no month of those named "
                                                        "has such a day",
                                                        text))
            .Hint(std::string(kHint)));
  }
  return schedule;
}

bool CronSchedule::MatchesDay(std::chrono::local_days day) const {
  const std::chrono::year_month_day date(day);
  if (!months_.test(static_cast<unsigned>(date.month()))) return false;
  const bool on_day = days_.test(static_cast<unsigned>(date.day()));
  const bool on_weekday = weekdays_.test(std::chrono::weekday(day).c_encoding());
  return any_day_ || any_weekday_ ? on_day && on_weekday : on_day || on_weekday;
}

std::optional<std::chrono::local_seconds> CronSchedule::FindAfter(std::chrono::local_seconds after) const {
  // The rarest day there can be, 29 February on a given weekday, comes round within forty years.
  constexpr std::chrono::days kHorizon{41 * 366};
  const auto first = std::chrono::floor<std::chrono::minutes>(after) + std::chrono::minutes(1);
  const auto today = std::chrono::floor<std::chrono::days>(first);
  for (auto day = today; day <= today + kHorizon; day += std::chrono::days(1)) {
    if (!MatchesDay(day)) continue;
    for (std::size_t hour = 0; hour < hours_.size(); ++hour) {
      if (!hours_.test(hour)) continue;
      for (std::size_t minute = 0; minute < minutes_.size(); ++minute) {
        const auto time = day + std::chrono::hours(hour) + std::chrono::minutes(minute);
        if (minutes_.test(minute) && time >= first) return time;
      }
    }
  }
  return std::nullopt;
}

std::chrono::local_seconds CronSchedule::NextAfter(std::chrono::local_seconds after) const {
  const std::optional<std::chrono::local_seconds> next = FindAfter(after);
  SMELT_ASSERT(next.has_value());  // Parse refuses schedules that never fire
  return *next;
}

Status CheckTimeZone(std::string_view name) {
  if (name == "UTC") return {};
  const bool well_formed = !name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos;
  const char* folder = std::getenv("TZDIR");
  const std::string path = fmt::format("{}/{}", folder == nullptr ? "/usr/share/zoneinfo" : folder, name);
  if (well_formed) {
    std::array<char, 4> magic{};
    std::ifstream file(path, std::ios::binary);
    if (file.read(magic.data(), magic.size()) && std::string_view(magic.data(), magic.size()) == "TZif") return {};
  }
  return Fail(Error(ErrorCode::kPipelineSchedule, fmt::format("this system knows no time zone '{}'", name))
                  .Hint("use UTC or a name such as America/Sao_Paulo; the names come with the package tzdata"));
}

}  // namespace smelt::pipeline
