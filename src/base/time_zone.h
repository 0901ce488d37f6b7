#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt {

/// A stretch of time in which a zone's clocks run at one distance from UTC: from one change of the clocks to the next.
struct ZoneSpan {
  std::chrono::sys_seconds begin;        ///< the change that began it; sys_seconds::min() when there was none
  std::chrono::sys_seconds end;          ///< the change that ends it; sys_seconds::max() when none does
  std::chrono::seconds offset{};         ///< local time minus UTC
  std::chrono::seconds offset_before{};  ///< the same of the span before; of the first span, its own
};

/// A time zone of the IANA database as this system has it. Copies are cheap (shared); immutable, thread-safe.
class TimeZone {
 public:
  /// UTC.
  TimeZone();
  ~TimeZone();
  TimeZone(const TimeZone&);
  TimeZone(TimeZone&&) noexcept;
  TimeZone& operator=(const TimeZone&);
  TimeZone& operator=(TimeZone&&) noexcept;

  /// Reads a zone from TZDIR or /usr/share/zoneinfo; "UTC" is always known.
  /// Errors: kConfigValueInvalid for a name that this system does not know, and for a file that cannot be understood.
  static Result<TimeZone> Find(std::string_view name);

  const std::string& name() const;

  /// The span that holds an instant.
  ZoneSpan SpanAt(std::chrono::sys_seconds instant) const;
  /// What the clocks show at an instant.
  std::chrono::local_seconds ToLocal(std::chrono::sys_seconds instant) const;
  /// The first instant at which the clocks show a local time; for one that they skip, the instant at which they skip
  /// it.
  std::chrono::sys_seconds ToInstant(std::chrono::local_seconds local) const;

 private:
  struct Data;
  explicit TimeZone(std::shared_ptr<const Data> data);
  std::shared_ptr<const Data> data_;
};

}  // namespace smelt
