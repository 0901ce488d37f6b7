#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt::quality {

/// Writes a regular expression of Python's `re` in RE2's syntax, with the same matches: \d, \w and \s know all of
/// Unicode, `$` matches before a last line break, \Z is the end.
/// Errors: kQualityNotApplicable for what RE2 does not have: look-around, back-references, conditions.
Result<std::string> Re2Pattern(std::string_view pattern);

}  // namespace smelt::quality
