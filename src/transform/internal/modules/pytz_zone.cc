#include "transform/internal/modules/pytz_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "base/tzif.h"
#include "transform/internal/modules/calendar.h"

namespace smelt::transform::jinja {
namespace {

/// The last year whose changes pytz works out from a zone's rule.
constexpr std::chrono::year kLastYear{2037};

/// Offsets are whole minutes, as pytz has them.
std::int64_t WholeMinutes(std::chrono::seconds offset) {
  return std::chrono::floor<std::chrono::minutes>(offset + std::chrono::seconds(30)).count() * 60;
}

std::int64_t SecondsOf(std::chrono::local_seconds local, std::chrono::seconds offset) {
  return (local.time_since_epoch() - offset).count();
}

}  // namespace

PytzZone::PytzZone(std::string name, const TzifFile& file) : name_(std::move(name)) {
  for (const TzifFile::Type& type : file.types) {
    periods_.push_back({WholeMinutes(type.offset), type.daylight, type.abbreviation});
  }
  for (const TzifFile::Change& change : file.changes) {
    transitions_.push_back({change.at.time_since_epoch().count(), change.type});
  }
  if (file.rule && file.rule->has_summer) AddByRule(*file.rule);
}

void PytzZone::AddByRule(const ZoneRule& rule) {
  const std::int64_t last = transitions_.empty() ? 0 : transitions_.back().at;
  const std::size_t standard = periods_.size();
  periods_.push_back({rule.standard.count(), false, rule.standard_name});
  periods_.push_back({rule.summer.count(), true, rule.summer_name});
  std::vector<Transition> added;
  std::chrono::year year(DateParts::FromMicros(std::max<std::int64_t>(last, 0) * kMicrosPerSecond).year);
  for (; year <= kLastYear; ++year) {
    added.push_back({SecondsOf(rule.changes[0].In(year), rule.standard), standard + 1});
    added.push_back({SecondsOf(rule.changes[1].In(year), rule.summer), standard});
  }
  std::ranges::sort(added, {}, &Transition::at);
  std::ranges::copy_if(added, std::back_inserter(transitions_), [&](const auto& change) { return change.at > last; });
}

Result<std::shared_ptr<const PytzZone>> PytzZone::Find(const std::string& name) {
  if (name == "UTC") return Utc();
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const PytzZone>> known;
  std::lock_guard lock(mutex);
  if (auto found = known.find(name); found != known.end()) return found->second;
  const auto file = FindTzif(name);
  if (file) return known[name] = std::make_shared<PytzZone>(name, *file);
  return Fail(Error(ErrorCode::kJinjaType, fmt::format("there is no time zone '{}'", name))
                  .Hint("zones are called like Europe/Berlin or UTC; the system's zone database has to be installed"));
}

std::shared_ptr<const PytzZone> PytzZone::Utc() {
  static const auto kUtc =
      std::make_shared<const PytzZone>("UTC", TzifFile{.types = {{.abbreviation = "UTC"}}, .changes = {}, .rule = {}});
  return kUtc;
}

const ZonePeriod& PytzZone::At(std::int64_t seconds_utc) const {
  auto next = std::ranges::upper_bound(transitions_, seconds_utc, {}, &Transition::at);
  return next == transitions_.begin() ? periods_.front() : periods_[std::prev(next)->period];
}

const ZonePeriod& PytzZone::AtLocal(std::int64_t seconds_local, bool daylight) const {
  // Clocks differ from UTC by less than a day: the candidates are what holds around the time.
  std::vector<const ZonePeriod*> fitting;
  for (std::int64_t shift : {kSecondsPerDay, -kSecondsPerDay}) {
    const ZonePeriod& candidate = At(seconds_local - shift);
    bool fits = &At(seconds_local - candidate.offset_seconds) == &candidate;
    if (fits && std::ranges::find(fitting, &candidate) == fitting.end()) fitting.push_back(&candidate);
  }
  if (fitting.size() == 1) return *fitting[0];
  for (const ZonePeriod* candidate : fitting) {
    if (candidate->daylight == daylight) return *candidate;
  }
  if (!fitting.empty()) return *(daylight ? fitting.front() : fitting.back());
  // Skipped: the clocks before it, put forward, or those after it, put back.
  return daylight ? At(seconds_local + kSecondsPerDay) : At(seconds_local - kSecondsPerDay);
}

}  // namespace smelt::transform::jinja
