#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt::quality {

/// A format of Python's `strptime` (documentation of `datetime`, "Format Codes"; the C locale), to hold texts against.
/// Immutable, thread-safe.
class TimeFormat {
 public:
  /// Errors: kQualityNotApplicable for a code that `strptime` does not have, or one that is there twice.
  static Result<std::shared_ptr<const TimeFormat>> Compile(std::string_view format);
  virtual ~TimeFormat() = default;

  /// Whether `strptime` reads the text: all of it, and a day that there is.
  virtual bool Reads(std::string_view text) const = 0;
};

}  // namespace smelt::quality
