#include "base/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/tzif.h"

namespace smelt {
namespace {

using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr sys_seconds kBegin = sys_seconds::min();
constexpr sys_seconds kEnd = sys_seconds::max();

/// A change of the clocks and the distance from UTC that it leads to.
struct Change {
  sys_seconds at;
  seconds offset;
};

}  // namespace

struct TimeZone::Data {
  std::string name = "UTC";
  seconds first{};              ///< the offset before the first change
  std::vector<Change> changes;  ///< ascending
  std::optional<ZoneRule> rule;

  /// The changes that the rule makes in a year, ascending.
  std::array<Change, 2> ChangesIn(std::chrono::year year) const {
    const auto at = [](local_seconds local, seconds offset) { return sys_seconds(local.time_since_epoch() - offset); };
    std::array<Change, 2> both = {Change{at(rule->changes[0].In(year), rule->standard), rule->summer},
                                  Change{at(rule->changes[1].In(year), rule->summer), rule->standard}};
    if (both[1].at < both[0].at) std::swap(both[0], both[1]);
    return both;
  }

  /// The changes around an instant: those of the file, then those of the rule in the years next to it.
  std::vector<Change> Around(sys_seconds instant) const {
    std::vector<Change> around = changes;
    if (!rule || !rule->has_summer) return around;
    const sys_seconds last = changes.empty() ? kBegin : changes.back().at;
    const auto clamped = std::clamp(instant, sys_seconds(std::chrono::sys_days(std::chrono::year(1900) / 1 / 1)),
                                    sys_seconds(std::chrono::sys_days(std::chrono::year(9999) / 1 / 1)));
    const std::chrono::year year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(clamped)).year();
    const auto at_least = [&](std::chrono::year wanted) {
      if (last == kBegin) return wanted;
      // The first changes after those of the file bound the span that goes on from there.
      return std::max(wanted, std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(last)).year());
    };
    const std::chrono::year from = at_least(year - std::chrono::years(2));
    for (std::chrono::year y = from; y <= std::max(year, from) + std::chrono::years(2); ++y) {
      for (const Change& change : ChangesIn(y)) {
        if (change.at > last) around.push_back(change);
      }
    }
    return around;
  }
};

TimeZone::TimeZone() : data_(std::make_shared<const Data>()) {}
TimeZone::TimeZone(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
TimeZone::~TimeZone() = default;
TimeZone::TimeZone(const TimeZone&) = default;
TimeZone::TimeZone(TimeZone&&) noexcept = default;
TimeZone& TimeZone::operator=(const TimeZone&) = default;
TimeZone& TimeZone::operator=(TimeZone&&) noexcept = default;

const std::string& TimeZone::name() const {
  return data_->name;
}

Result<TimeZone> TimeZone::Find(std::string_view name) {
  if (name == "UTC") return TimeZone();
  SMELT_ASSIGN(TzifFile file, FindTzif(name));
  auto data = std::make_shared<Data>();
  data->name = name;
  data->first = file.types.front().offset;
  for (const TzifFile::Change& change : file.changes) {
    const seconds before = data->changes.empty() ? data->first : data->changes.back().offset;
    const seconds offset = file.types[change.type].offset;
    // Changes of the name alone change no clock.
    if (offset != before) data->changes.push_back({change.at, offset});
  }
  data->rule = std::move(file.rule);
  return TimeZone(std::move(data));
}

ZoneSpan TimeZone::SpanAt(sys_seconds instant) const {
  const std::vector<Change> changes = data_->Around(instant);
  const auto next = std::ranges::upper_bound(changes, instant, {}, &Change::at);
  const auto offset_of = [&](auto change) {
    return change == changes.begin() ? data_->first : std::prev(change)->offset;
  };
  ZoneSpan span{.begin = kBegin, .end = kEnd, .offset = offset_of(next), .offset_before = offset_of(next)};
  if (next != changes.end()) span.end = next->at;
  if (next != changes.begin()) {
    span.begin = std::prev(next)->at;
    span.offset_before = offset_of(std::prev(next));
  }
  return span;
}

local_seconds TimeZone::ToLocal(sys_seconds instant) const {
  return local_seconds(instant.time_since_epoch() + SpanAt(instant).offset);
}

sys_seconds TimeZone::ToInstant(local_seconds local) const {
  // Clocks are never further than this from UTC.
  constexpr std::chrono::hours kFarthest{26};
  const sys_seconds same(local.time_since_epoch());
  ZoneSpan span = SpanAt(same - kFarthest);
  while (true) {
    const sys_seconds instant = same - span.offset;
    if (instant < span.begin) return span.begin;  // skipped by the change that began this span
    if (instant < span.end) return instant;
    span = SpanAt(span.end);
  }
}

}  // namespace smelt
