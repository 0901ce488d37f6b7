#include "base/zone_rule.h"

#include <charconv>
#include <system_error>

namespace smelt {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;

/// Reads a rule from its front; what is read is taken away.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// An abbreviation: three letters or more, or anything but '>' between '<' and '>'; empty when there is none.
  std::string_view Name() {
    if (Take('<')) {
      const std::string_view name = rest_.substr(0, rest_.find('>'));
      if (name.size() == rest_.size()) return {};
      rest_.remove_prefix(name.size() + 1);
      return name;
    }
    std::size_t size = 0;
    while (size < rest_.size() &&
           ((rest_[size] >= 'a' && rest_[size] <= 'z') || (rest_[size] >= 'A' && rest_[size] <= 'Z'))) {
      ++size;
    }
    const std::string_view name = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return size >= 3 ? name : std::string_view();
  }

  std::optional<int> Number() {
    int number = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (error != std::errc() || number < 0) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return number;
  }

  /// [+-]hh[:mm[:ss]]
  std::optional<seconds> Time() {
    const bool negative = Take('-');
    if (!negative) Take('+');
    int total = 0;
    for (const int unit : {3600, 60, 1}) {
      const std::optional<int> part = Number();
      if (!part || *part > 167) return std::nullopt;
      total += *part * unit;
      if (unit == 1 || !Take(':')) break;
    }
    return seconds(negative ? -total : total);
  }

  std::optional<YearlyChange> Change() {
    YearlyChange change;
    if (Take('M')) {
      change.month = Number().value_or(0);
      change.week = Take('.') ? Number().value_or(0) : 0;
      change.weekday = Take('.') ? Number().value_or(-1) : -1;
      const bool valid = change.month >= 1 && change.month <= 12 && change.week >= 1 && change.week <= 5 &&
                         change.weekday >= 0 && change.weekday <= 6;
      if (!valid) return std::nullopt;
    } else {
      change.kind = Take('J') ? YearlyChange::Kind::kJulian : YearlyChange::Kind::kDayOfYear;
      const std::optional<int> day = Number();
      if (!day || *day > 365) return std::nullopt;
      change.day = *day;
    }
    if (Take('/')) {
      const std::optional<seconds> time = Time();
      if (!time) return std::nullopt;
      change.time = *time;
    }
    return change;
  }

 private:
  std::string_view rest_;
};

}  // namespace

local_seconds YearlyChange::In(std::chrono::year year) const {
  const local_days first = local_days(year / 1 / 1);
  if (kind == Kind::kDayOfYear) return first + days(day) + time;
  if (kind == Kind::kJulian) {
    constexpr int kLastOfFebruary = 59;
    return first + days(day - 1 + (year.is_leap() && day > kLastOfFebruary ? 1 : 0)) + time;
  }
  const std::chrono::month in(static_cast<unsigned>(month));
  const std::chrono::weekday on(static_cast<unsigned>(weekday));
  if (week == 5) return local_days(year / in / on[std::chrono::last]) + time;
  return local_days(year / in / on[static_cast<unsigned>(week)]) + time;
}

std::optional<ZoneRule> ZoneRule::Parse(std::string_view text) {
  RuleReader reader(text);
  ZoneRule rule;
  rule.standard_name = reader.Name();
  if (rule.standard_name.empty()) return std::nullopt;
  const std::optional<seconds> standard = reader.Time();
  if (!standard) return std::nullopt;
  rule.standard = -*standard;  // POSIX counts westwards
  rule.summer = rule.standard;
  if (reader.done()) return rule;
  rule.summer_name = reader.Name();
  if (rule.summer_name.empty()) return std::nullopt;
  rule.has_summer = true;
  rule.summer = rule.standard + std::chrono::hours(1);
  if (!reader.Take(',')) {
    const std::optional<seconds> summer = reader.Time();
    if (!summer || !reader.Take(',')) return std::nullopt;
    rule.summer = -*summer;
  }
  for (std::size_t i = 0; i < rule.changes.size(); ++i) {
    if (i > 0 && !reader.Take(',')) return std::nullopt;
    const std::optional<YearlyChange> change = reader.Change();
    if (!change) return std::nullopt;
    rule.changes[i] = *change;
  }
  return reader.done() ? std::optional(rule) : std::nullopt;
}

}  // namespace smelt
