#pragma once

#include <optional>
#include <string>

/// Arithmetic of decimals as PostgreSQL does it: exact products and quotients, rounded half away from zero. Pure
/// functions.
namespace smelt::engine::postgres {

__extension__ using Wide = __int128;

/// The most digits of a decimal.
inline constexpr int kDigitsMax = 38;
/// The most digits of one in 64 bits.
inline constexpr int kNarrowDigits = 18;
/// The digits behind the point of quotients, and of products that would have more.
inline constexpr int kOpenScale = 20;

/// A decimal: value / 10^scale.
struct Decimal {
  Wide value = 0;
  int scale = 0;
  int shown = 0;  ///< digits behind the point that PostgreSQL would show; not more than `scale`
};

/// How many digits behind the point PostgreSQL's numeric gives left / right (select_div_scale of its numeric.c), but
/// not more than `most`. `right` is not zero.
int DivisionScale(const Decimal& left, const Decimal& right, int most);

/// left / right with the digits that DivisionScale tells, as a decimal of `scale`. Nothing when that has more than 38
/// digits. `right` is not zero.
std::optional<Wide> Divide(const Decimal& left, const Decimal& right, int scale);

/// left * right without the last `dropped` digits. Nothing when that has more than 38 digits.
std::optional<Wide> Multiply(Wide left, Wide right, int dropped);

/// The square root of a decimal of `shown` digits behind the point, with as many, as a decimal of `scale`. Nothing for
/// numbers that are too large for that, and for negative ones.
std::optional<Wide> SquareRoot(Wide value, int shown, int scale);

/// How many digits a number has; none for zero.
int DigitsOf(Wide value);

/// Digits behind the point without the zeros at the end.
int WithoutZeros(Wide value, int scale);

/// The fewest digits behind the point of a quotient of this size.
int QuotientScale(Wide value, int scale);

/// "-12.50": value / 10^scale with `shown` digits behind the point, at most `scale`.
std::string TextOf(Wide value, int scale, int shown);

}  // namespace smelt::engine::postgres
