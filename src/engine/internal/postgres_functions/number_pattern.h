#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::engine::postgres {

/// What one pattern of a format of numbers stands for.
enum class NumberField : std::uint8_t {
  kText,  ///< what is no pattern: a character of its own
  kDigit,
  kZero,
  kPoint,
  kComma,
  kGroup,
  kCurrency,
  kMinus,
  kPlus,
  kEitherSign,
  kRoman,
  kOrdinal,
  kSilent,  ///< B, C, FM, PR, S, V, EEEE, SP: they change what others do
};

/// One step of a format.
struct NumberPiece {
  NumberField field = NumberField::kText;
  bool upper = true;   ///< of kOrdinal and kRoman
  std::string text{};  ///< of kText: one character in UTF-8
};

/// Where the sign stands that S asks for.
enum class AnchoredSign : std::uint8_t { kNone, kBefore, kBehind };

/// A format of numbers as to_char and to_number have it. Immutable.
struct NumberPattern {
  std::string text;
  std::vector<NumberPiece> pieces;
  int before = 0;          ///< digits before the point
  int behind = 0;          ///< digits behind the point
  int shifted = 0;         ///< digits behind V
  int zero_begin = 0;      ///< which digit is the first that 0 stands for, from 0
  int zero_end = 0;        ///< how many digits there are up to the last of them
  int digits_to_sign = 0;  ///< digits before S
  AnchoredSign sign = AnchoredSign::kNone;
  bool fill = false;       ///< FM
  bool has_point = false;  ///< . or D
  bool has_zero = false;
  bool has_sign = false;    ///< S
  bool brackets = false;    ///< PR
  bool minus = false;       ///< MI or SG
  bool plus = false;        ///< PL or SG
  bool shifts = false;      ///< V
  bool roman = false;       ///< RN
  bool scientific = false;  ///< EEEE
  bool blank = false;       ///< B
};

/// Reads a format. Throws duckdb::InvalidInputException for one that contradicts itself or is too long.
NumberPattern ReadNumberPattern(std::string_view text);

}  // namespace smelt::engine::postgres
