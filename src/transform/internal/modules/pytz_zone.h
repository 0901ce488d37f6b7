#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/tzif.h"

namespace smelt::transform::jinja {

/// What a zone's clocks show for some time.
struct ZonePeriod {
  std::int64_t offset_seconds = 0;
  bool daylight = false;
  std::string name;  ///< "CET"
};

/// A time zone as the package pytz has it: offsets of whole minutes, changes until 2037. Immutable.
class PytzZone {
 public:
  PytzZone(std::string name, const TzifFile& file);

  /// The zone of the system's database, read once. Thread-safe.
  /// Errors: kJinjaType for names that it does not have or that are none.
  static Result<std::shared_ptr<const PytzZone>> Find(const std::string& name);
  static std::shared_ptr<const PytzZone> Utc();

  const std::string& name() const { return name_; }
  /// What the clocks show at a moment.
  const ZonePeriod& At(std::int64_t seconds_utc) const;
  /// What the clocks show when they show this time; of a time that occurs twice the standard one unless `daylight`, of
  /// one that is skipped the one before the skip when `daylight`, else the one after it.
  const ZonePeriod& AtLocal(std::int64_t seconds_local, bool daylight) const;
  const ZonePeriod& first() const { return periods_.front(); }

 private:
  struct Transition {
    std::int64_t at;
    std::size_t period;
  };
  void AddByRule(const ZoneRule& rule);

  std::string name_;
  std::vector<ZonePeriod> periods_;
  std::vector<Transition> transitions_;  ///< by time
};

}  // namespace smelt::transform::jinja
