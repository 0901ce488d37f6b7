#include "base/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "base/file.h"

namespace smelt {
namespace {

constexpr std::int64_t kDay = 86'400;

/// A day of the year in the rule at the end of a zone's file: "M3.2.0", "J60" or "59", with the local time of day.
struct RuleDay {
  char kind = 'M';
  int month = 1, week = 1, weekday = 0, day = 0;
  std::int64_t time = 7'200;  ///< seconds from midnight; may be negative or beyond a day
};

/// "CET-1CEST,M3.5.0,M10.5.0/3": what holds behind the last entry.
struct Rule {
  std::int64_t standard = 0, summer = 0;
  bool has_summer = false;
  RuleDay begin, end;
};

struct Transition {
  std::int64_t at = 0;      ///< from this second of UTC on
  std::int64_t offset = 0;  ///< clocks are so much ahead
};

/// Reads the rule of POSIX, of whose form RFC 8536 (section 3.3.1) is.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  std::optional<Rule> Read() {
    Rule rule;
    if (!SkipName() || !Time(rule.standard)) return std::nullopt;
    rule.standard = -rule.standard;
    rule.summer = rule.standard + 3'600;
    if (text_.empty()) return rule;
    rule.has_summer = true;
    if (!SkipName()) return std::nullopt;
    if (!text_.empty() && text_.front() != ',') {
      if (!Time(rule.summer)) return std::nullopt;
      rule.summer = -rule.summer;
    }
    if (!Day(rule.begin) || !Day(rule.end) || !text_.empty()) return std::nullopt;
    return rule;
  }

 private:
  bool Skip(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool SkipName() {
    if (Skip('<')) {
      const auto end = text_.find('>');
      if (end == std::string_view::npos) return false;
      text_.remove_prefix(end + 1);
      return true;
    }
    std::size_t size = 0;
    while (size < text_.size() && ((text_[size] | 32) >= 'a' && (text_[size] | 32) <= 'z')) ++size;
    text_.remove_prefix(size);
    return size >= 3;
  }

  template <typename T>
  bool Number(T& number) {
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), number);
    if (error != std::errc()) return false;
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return true;
  }

  /// [+-]h[:mm[:ss]]
  bool Time(std::int64_t& seconds) {
    const bool negative = Skip('-');
    if (!negative) Skip('+');
    std::int64_t total = 0, part = 0;
    if (!Number(part)) return false;
    total = part * 3'600;
    for (const std::int64_t unit : {60, 1}) {
      if (!Skip(':')) break;
      if (!Number(part)) return false;
      total += part * unit;
    }
    seconds = negative ? -total : total;
    return true;
  }

  bool Day(RuleDay& day) {
    if (!Skip(',')) return false;
    if (Skip('M')) {
      if (!Number(day.month) || !Skip('.') || !Number(day.week) || !Skip('.') || !Number(day.weekday)) return false;
    } else {
      day.kind = Skip('J') ? 'J' : '0';
      if (!Number(day.day)) return false;
    }
    const bool in_range = day.month >= 1 && day.month <= 12 && day.week >= 1 && day.week <= 5 && day.weekday >= 0 &&
                          day.weekday <= 6 && day.day >= 0 && day.day <= 366;
    return in_range && (!Skip('/') || Time(day.time));
  }

  std::string_view text_;
};

/// The local second of the year at which a day of a rule comes.
std::int64_t LocalSeconds(const RuleDay& day, std::chrono::year year) {
  namespace chrono = std::chrono;
  chrono::local_days date = chrono::local_days(year / chrono::January / 1);
  if (day.kind == 'M') {
    const chrono::month month{static_cast<unsigned>(day.month)};
    const chrono::weekday weekday{static_cast<unsigned>(day.weekday)};
    date = day.week == 5 ? chrono::local_days(year / month / weekday[chrono::last])
                         : chrono::local_days(year / month / weekday[static_cast<unsigned>(day.week)]);
  } else {
    // Days of kind J leave the 29th of February out.
    const bool behind_leap_day = day.kind == 'J' && day.day >= 60 && year.is_leap();
    date += chrono::days(day.kind == 'J' ? day.day - 1 + (behind_leap_day ? 1 : 0) : day.day);
  }
  return date.time_since_epoch().count() * kDay + day.time;
}

std::int64_t OffsetByRule(const Rule& rule, std::int64_t utc_seconds) {
  if (!rule.has_summer) return rule.standard;
  const std::chrono::local_days day{std::chrono::days((utc_seconds + rule.standard) / kDay)};
  const auto year = std::chrono::year_month_day(day).year();
  const std::int64_t begin = LocalSeconds(rule.begin, year) - rule.standard;
  const std::int64_t end = LocalSeconds(rule.end, year) - rule.summer;
  const bool within =
      begin < end ? utc_seconds >= begin && utc_seconds < end : utc_seconds >= begin || utc_seconds < end;
  return within ? rule.summer : rule.standard;
}

/// A big-endian number of a file.
std::int64_t Number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = (static_cast<unsigned char>(bytes[at]) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int64_t>(value);
}

}  // namespace

struct TimeZone::Data {
  std::string name;
  std::int64_t first_offset = 0;  ///< before the first transition
  std::vector<Transition> transitions;
  std::optional<Rule> rule;

  bool Read(std::string_view file);
};

/// Reads a TZif file of version 2 or later (RFC 8536), by its second block, whose times have 64 bits.
bool TimeZone::Data::Read(std::string_view file) {
  constexpr std::size_t kHeader = 44;
  std::size_t start = 0;
  std::int64_t counts[6] = {};
  for (const std::size_t time_size : {std::size_t{4}, std::size_t{8}}) {
    if (file.size() < start + kHeader || file.substr(start, 4) != "TZif" || file[start + 4] < '2') return false;
    for (std::size_t i = 0; i < 6; ++i) {
      counts[i] = Number(file, start + 20 + i * 4, 4);
      if (counts[i] < 0 || counts[i] > 100'000) return false;
    }
    const auto [utc_marks, standard_marks, leaps, times, types, letters] =
        std::tie(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
    const std::size_t body = start + kHeader;
    const auto end = body + static_cast<std::size_t>(times) * (time_size + 1) + static_cast<std::size_t>(types) * 6 +
                     static_cast<std::size_t>(letters) + static_cast<std::size_t>(leaps) * (time_size + 4) +
                     static_cast<std::size_t>(standard_marks + utc_marks);
    if (types == 0 || file.size() < end) return false;
    if (time_size == 8) {
      const auto count = static_cast<std::size_t>(times);
      const auto offset_of = [&](std::size_t type) { return Number(file, body + count * 9 + type * 6, 4); };
      first_offset = offset_of(0);
      for (std::size_t i = 0; i < count; ++i) {
        const auto type = static_cast<unsigned char>(file[body + count * 8 + i]);
        if (type >= types) return false;
        transitions.push_back({Number(file, body + i * 8, 8), offset_of(type)});
      }
      std::string_view footer = file.substr(end);
      if (footer.starts_with('\n')) footer.remove_prefix(1);
      footer = footer.substr(0, footer.find('\n'));
      if (!footer.empty()) rule = RuleReader(footer).Read();
    }
    start = end;
  }
  return true;
}

TimeZone::TimeZone(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

Result<TimeZone> TimeZone::Load(std::string_view name) {
  auto data = std::make_shared<Data>();
  data->name = name;
  if (name == "UTC") return TimeZone(std::move(data));
  const bool well_formed = !name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos;
  const char* folder = std::getenv("TZDIR");
  const std::string path = fmt::format("{}/{}", folder == nullptr ? "/usr/share/zoneinfo" : folder, name);
  if (well_formed) {
    const auto file = ReadWholeFile(path);
    if (file && data->Read(*file)) return TimeZone(std::move(data));
  }
  return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("this system knows no time zone '{}'", name))
                  .Hint("use UTC or a name such as America/Sao_Paulo; the names come with the package tzdata"));
}

const std::string& TimeZone::name() const {
  return data_->name;
}

std::int64_t TimeZone::OffsetSeconds(std::int64_t utc_seconds) const {
  const auto& transitions = data_->transitions;
  const auto next = std::ranges::upper_bound(transitions, utc_seconds, {}, &Transition::at);
  if (next == transitions.end() && data_->rule) return OffsetByRule(*data_->rule, utc_seconds);
  return next == transitions.begin() ? data_->first_offset : std::prev(next)->offset;
}

std::int64_t TimeZone::ToUtcSeconds(std::int64_t local_seconds) const {
  // Offsets never change twice within a day, so that those a day before and behind are the only candidates.
  const std::int64_t before = OffsetSeconds(local_seconds - kDay);
  const std::int64_t behind = OffsetSeconds(local_seconds + kDay);
  for (const std::int64_t offset : {std::max(before, behind), std::min(before, behind)}) {
    if (OffsetSeconds(local_seconds - offset) == offset) return local_seconds - offset;
  }
  // Left out: the moment of the change lies between the two readings.
  std::int64_t low = local_seconds - std::max(before, behind), high = local_seconds - std::min(before, behind);
  while (low + 1 < high) {
    const std::int64_t middle = low + (high - low) / 2;
    (OffsetSeconds(middle) == before ? low : high) = middle;
  }
  return high;
}

}  // namespace smelt
