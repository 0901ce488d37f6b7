#include "pipeline/internal/cron_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <system_error>

#include "base/ascii.h"

namespace smelt::pipeline {

struct CronParser::Field {
  std::string_view name;
  int low;
  int high;
  std::span<const std::string_view> names;  ///< of `low`, `low` + 1 …
};

namespace {

using Field = CronParser::Field;

constexpr std::array<std::string_view, 12> kMonthNames = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdayNames = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr Field kSecond = {"second", 0, 59, {}};
constexpr Field kMinute = {"minute", 0, 59, {}};
constexpr Field kHour = {"hour", 0, 23, {}};
constexpr Field kDay = {"day of month", 1, 31, {}};
constexpr Field kMonth = {"month", 1, 12, kMonthNames};
constexpr Field kWeekday = {"day of week", 0, 6, kWeekdayNames};
constexpr Field kYear = {"year", 1970, 2099, {}};

/// The macros and the fields they stand for.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kMacros = {{{"@hourly", "0 * * * *"},
                                                                                   {"@daily", "0 0 * * *"},
                                                                                   {"@midnight", "0 0 * * *"},
                                                                                   {"@weekly", "0 0 * * 0"},
                                                                                   {"@monthly", "0 0 1 * *"},
                                                                                   {"@yearly", "0 0 1 1 *"},
                                                                                   {"@annually", "0 0 1 1 *"}}};

constexpr std::string_view kHint =
    "a schedule is five fields: minute hour day-of-month month day-of-week, as in \"0 2 * * *\"; second and year may "
    "follow";

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
  constexpr std::string_view kBlanks = " \t\n\r\f\v";
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const std::size_t size = std::min(text.find_first_of(kBlanks), text.size());
    words.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
}

std::optional<int> ParseNumber(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || text.front() == '-') {
    return std::nullopt;
  }
  return number;
}

/// A number or name of the field, within its range; 7 is Sunday.
Result<int> ParseValue(const Field& field, std::string_view text) {
  const auto name = std::ranges::find(field.names, text);
  if (name != field.names.end()) return field.low + static_cast<int>(name - field.names.begin());
  const std::optional<int> number = ParseNumber(text);
  if (!number) return Fail(FieldError(field, text, "is not a number or name"));
  if (&field == &kWeekday && *number == 7) return 0;
  if (*number < field.low || *number > field.high) {
    return Fail(
        FieldError(field, text, fmt::format("is outside {} to {}", field.low, &field == &kWeekday ? 7 : field.high)));
  }
  return *number;
}

/// The values of a range that goes round the end of its field. croniter leaves out the first `skipped` values behind
/// the end so that steps go on there; where it counts one too many, schedules that came from it want the same.
std::vector<int> RoundTheEnd(const Field& field, int low, int high, int step) {
  std::vector<int> values;
  for (int value = low; value <= field.high; value += step) values.push_back(value);
  const int size = field.high - field.low + 1;
  const int after_last = field.high - values.back();
  const bool passes_end = values.back() - field.low + step > size;
  const int skipped = passes_end && after_last < step ? step - after_last : 0;
  for (int value = field.low + skipped; value <= high; value += step) values.push_back(value);
  return values;
}

/// The values of one element of a list: `*`, `5`, `1-5`, each with an optional `/step`.
Result<std::vector<int>> ParseElement(const Field& field, std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view range = text.substr(0, slash);
  int step = 1;
  if (slash != std::string_view::npos) {
    const std::optional<int> number = ParseNumber(text.substr(slash + 1));
    if (!number || *number < 1) return Fail(FieldError(field, text, "has a step that is not a positive number"));
    step = std::min(*number, field.high + 1);  // a longer one steps out of the field just as well
  }
  int low = field.low;
  int high = field.high;
  if (range != "*") {
    const std::size_t dash = range.find('-');
    SMELT_ASSIGN(low, ParseValue(field, range.substr(0, dash)));
    if (dash != std::string_view::npos) {
      const std::string_view end = range.substr(dash + 1);
      if (&field == &kDay && end == "l") {
        high = field.high;
      } else {
        SMELT_ASSIGN(high, ParseValue(field, end));
      }
      if (low == high) {  // as in jan-jan: all the way round
        low = field.low;
        high = field.high;
      }
    } else if (slash == std::string_view::npos) {
      high = low;
    }
  }
  if (low > high) return RoundTheEnd(field, low, high, step);
  std::vector<int> values;
  for (int value = low; value <= high; value += step) values.push_back(value);
  return values;
}

template <std::size_t kSize>
Status ParseField(const Field& field, std::string_view text, std::bitset<kSize>& bits, int first = 0) {
  for (const std::string_view element : Split(text, ',')) {
    SMELT_ASSIGN(const std::vector<int> values, ParseElement(field, element));
    for (const int value : values) bits.set(static_cast<std::size_t>(value - first));
  }
  return {};
}

/// Whether a list has an element that is just `*`.
bool HasStar(std::string_view text) {
  const std::vector<std::string_view> elements = Split(text, ',');
  return std::ranges::find(elements, "*") != elements.end();
}

Status CheckFieldCount(std::string_view text, std::size_t count) {
  constexpr std::size_t kFieldsMin = 5;
  constexpr std::size_t kFieldsMax = 7;
  if (count >= kFieldsMin && count <= kFieldsMax) return {};
  return Fail(Error(ErrorCode::kPipelineSchedule,
                    fmt::format("the schedule '{}' has {} field{}, not five", text, count, count == 1 ? "" : "s"))
                  .Hint(std::string(kHint)));
}

/// The forms in which a name decides about the time by its hash, or chance does.
Status RefuseHashed(const std::vector<std::string_view>& fields) {
  for (const std::string_view field : fields) {
    for (const std::string_view element : Split(field, ',')) {
      const bool hashed = element == "h" || element == "r" || element.starts_with("h(") || element.starts_with("r(") ||
                          element.starts_with("h/") || element.starts_with("r/");
      if (!hashed) continue;
      return Fail(Error(ErrorCode::kPipelineSchedule,
                        fmt::format("the field '{}' of the schedule leaves the time to a hash or to chance", field))
                      .Hint("write the time: a schedule must say when it fires to whoever reads it"));
    }
  }
  return {};
}

}  // namespace

Status CronParser::ParseDayOfMonth(std::string_view text, std::string_view weekday_text, CronSchedule& schedule) {
  if (text == "?") text = "*";
  const std::vector<std::string_view> elements = Split(text, ',');
  for (const std::string_view element : elements) {
    const bool near = element.ends_with('w') || (element.starts_with('w') && element.size() > 1);
    if (near) {
      const std::string_view number =
          element.starts_with('w') ? element.substr(1) : element.substr(0, element.size() - 1);
      SMELT_ASSIGN(schedule.near_day_, ParseValue(kDay, number));
      if (elements.size() == 1) return {};
      return Fail(FieldError(kDay, text, "has the nearest weekday (w) in a list; it stands alone"));
    }
    if (element == "l") {
      schedule.last_day_ = true;
      continue;
    }
    SMELT_TRY(ParseField(kDay, element, schedule.days_));
  }
  // Every day in other words than `*` restricts as much as other lists do, unless the weekday is a star of its own.
  const bool all = schedule.days_.count() == 31;
  schedule.any_day_ = HasStar(text) || (all && weekday_text.find('*') != std::string_view::npos);
  return {};
}

Status CronParser::ParseOrdinals(std::string_view text, CronSchedule& schedule) {
  for (const std::string_view element : Split(text, ',')) {
    const std::size_t hash = element.find('#');
    const bool last = hash == std::string_view::npos && element.size() > 1 && element.front() == 'l' &&
                      ParseNumber(element.substr(1)).has_value();
    if (hash == std::string_view::npos && !last) {
      if (schedule.nth_only_) return Fail(FieldError(kWeekday, text, "mixes weekdays with the nth of the month"));
      continue;
    }
    schedule.nth_only_ = true;
    std::size_t nth = CronSchedule::kLastInMonth;
    if (!last) {
      const std::optional<int> number = ParseNumber(element.substr(hash + 1));
      if (!number || *number < 1 || *number > 5) {
        return Fail(FieldError(kWeekday, element, "wants a number from 1 to 5 behind '#'"));
      }
      nth = static_cast<std::size_t>(*number);
    }
    SMELT_ASSIGN(const std::vector<int> weekdays,
                 ParseElement(kWeekday, last ? element.substr(1) : element.substr(0, hash)));
    for (const int weekday : weekdays) schedule.nth_weekdays_[static_cast<std::size_t>(weekday)].set(nth);
  }
  return {};
}

Status CronParser::ParseWeekday(std::string_view text, std::string_view day_text, CronSchedule& schedule) {
  if (text == "?") text = "*";
  SMELT_TRY(ParseOrdinals(text, schedule));
  if (schedule.nth_only_) {
    const bool mixed = std::ranges::any_of(Split(text, ','), [](std::string_view element) {
      return element.find('#') == std::string_view::npos && element.front() != 'l';
    });
    if (!mixed) return {};
    return Fail(FieldError(kWeekday, text, "mixes weekdays with the nth of the month"));
  }
  SMELT_TRY(ParseField(kWeekday, text, schedule.weekdays_));
  schedule.any_weekday_ = HasStar(text) || (schedule.weekdays_.all() && day_text.find('*') != std::string_view::npos);
  return {};
}

Status CronParser::ParseYear(std::string_view text, CronSchedule& schedule) {
  schedule.any_year_ = HasStar(text);
  return ParseField(kYear, text, schedule.years_, CronSchedule::kFirstYear);
}

Result<CronSchedule> CronParser::Parse(std::string_view text) {
  const std::string lower = LowerAscii(text);
  std::vector<std::string_view> fields = Words(lower);
  const auto macro = fields.size() == 1
                         ? std::ranges::find(kMacros, fields[0], [](const auto& entry) { return entry.first; })
                         : kMacros.end();
  if (macro != kMacros.end()) fields = Words(macro->second);
  SMELT_TRY(CheckFieldCount(text, fields.size()));
  SMELT_TRY(RefuseHashed(fields));
  CronSchedule schedule;
  schedule.text_ = text;
  SMELT_TRY(ParseField(kMinute, fields[0], schedule.minutes_));
  SMELT_TRY(ParseField(kHour, fields[1], schedule.hours_));
  SMELT_TRY(ParseDayOfMonth(fields[2], fields[4], schedule));
  SMELT_TRY(ParseField(kMonth, fields[3], schedule.months_));
  SMELT_TRY(ParseWeekday(fields[4], fields[2], schedule));
  SMELT_TRY(ParseField(kSecond, fields.size() > 5 ? fields[5] : "0", schedule.seconds_));
  if (fields.size() > 6) SMELT_TRY(ParseYear(fields[6], schedule));
  constexpr std::chrono::seconds kBeforeFirst{-1};
  if (!schedule.NextAfter(std::chrono::local_seconds(kBeforeFirst))) {
    return Fail(
        Error(ErrorCode::kPipelineSchedule,
              fmt::format("the schedule '{}' never fires: no month or year of those named has such a day", text))
            .Hint(std::string(kHint)));
  }
  return schedule;
}

}  // namespace smelt::pipeline
