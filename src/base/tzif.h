#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/zone_rule.h"

namespace smelt {

/// What the compiled file of a zone of the IANA database says (TZif, RFC 9636, versions 1 to 4).
struct TzifFile {
  /// What clocks show from one change to the next.
  struct Type {
    std::chrono::seconds offset{};  ///< local time minus UTC
    bool daylight = false;
    std::string abbreviation;  ///< "CET"
  };
  struct Change {
    std::chrono::sys_seconds at;
    std::size_t type = 0;  ///< of `types`: what holds from then on
  };

  std::vector<Type> types;       ///< one at least; the first holds before the first change
  std::vector<Change> changes;   ///< ascending
  std::optional<ZoneRule> rule;  ///< how it goes on after the last change
};

/// Reads the bytes of a file; `name` is for errors. Errors: kConfigValueInvalid.
Result<TzifFile> ParseTzif(std::string_view bytes, std::string_view name);

/// Reads the zone of that name from TZDIR or /usr/share/zoneinfo.
/// Errors: kConfigValueInvalid for a name that this system does not know, and for a file that cannot be understood.
Result<TzifFile> FindTzif(std::string_view name);

}  // namespace smelt
