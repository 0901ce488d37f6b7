#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt {

/// A time zone of the IANA database, as this system has it ($TZDIR, or /usr/share/zoneinfo). Immutable; copies share
/// what was read. Thread-safe.
class TimeZone {
 public:
  /// The zone of that name; "UTC" needs no file. Errors: kConfigValueInvalid, naming what is known; kStoreIo.
  static Result<TimeZone> Load(std::string_view name);

  const std::string& name() const;
  /// What local time is ahead of UTC at that moment, in seconds; negative west of Greenwich. Moments behind the last
  /// entry of the file follow the rule at its end, for ever.
  std::int64_t OffsetSeconds(std::int64_t utc_seconds) const;
  /// The moment at which clocks show this local time (seconds since 1970-01-01 00:00 as the clock shows it). Of a time
  /// that comes twice, the first; of one that is left out, the moment at which it is left out.
  std::int64_t ToUtcSeconds(std::int64_t local_seconds) const;

 private:
  struct Data;
  explicit TimeZone(std::shared_ptr<const Data> data);
  std::shared_ptr<const Data> data_;
};

}  // namespace smelt
