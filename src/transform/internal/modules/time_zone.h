#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::transform::jinja {

/// What a zone's clocks show for some time.
struct ZonePeriod {
  std::int64_t offset_seconds = 0;
  bool daylight = false;
  std::string name;  ///< "CET"
};

/// The rules of one time zone. Immutable.
class TimeZone {
 public:
  /// The zone of the system's database, read once. Thread-safe.
  /// Errors: kJinjaType for names that it does not have or that are none.
  static Result<std::shared_ptr<const TimeZone>> Find(const std::string& name);
  static std::shared_ptr<const TimeZone> Utc();

  const std::string& name() const { return name_; }
  /// What the clocks show at a moment.
  const ZonePeriod& At(std::int64_t seconds_utc) const;
  /// What the clocks show when they show this time; of a time that occurs twice the standard one unless `daylight`, of
  /// one that is skipped the one before the skip when `daylight`, else the one after it.
  const ZonePeriod& AtLocal(std::int64_t seconds_local, bool daylight) const;
  const ZonePeriod& first() const { return periods_.front(); }

 private:
  friend class TimeZoneFile;
  struct Transition {
    std::int64_t at;
    std::size_t period;
  };

  std::string name_;
  std::vector<ZonePeriod> periods_;
  std::vector<Transition> transitions_;  ///< by time
};

}  // namespace smelt::transform::jinja
