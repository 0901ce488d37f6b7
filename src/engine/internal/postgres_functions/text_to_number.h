#pragma once

#include <string>
#include <string_view>

#include "engine/internal/postgres_functions/number_pattern.h"

namespace smelt::engine::postgres {

/// A number that was read: a sign, digits, and maybe a point with digits behind it.
struct ReadDigits {
  std::string text;  ///< "-12.5"
  int behind = 0;    ///< digits behind the point
};

/// Reads a number by a format, as to_number does; digits behind V are whole ones here, as in the text. The text has at
/// most as many digits as the format. Throws duckdb::InvalidInputException, which names the text and the format, where
/// there is no number, or one with more digits before the point.
ReadDigits DigitsOfText(const NumberPattern& pattern, std::string_view text);

}  // namespace smelt::engine::postgres
