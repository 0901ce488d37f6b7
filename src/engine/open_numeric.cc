#include "engine/open_numeric.h"

#include <algorithm>

#include "engine/internal/postgres_dialect/decimal_math.h"

namespace smelt::engine {

namespace {

constexpr int kCastScale = 10;
constexpr int kCastDigits = 32;
constexpr int kQuotientScaleMin = postgres::kOpenScale - 1;

}  // namespace

bool IsOpenNumeric(int precision, int scale) {
  if (scale == kCastScale) return precision >= kCastDigits;
  return precision == postgres::kDigitsMax && scale >= kQuotientScaleMin && scale <= postgres::kOpenScale;
}

int ShownScale(const Int128& value, int scale) {
  constexpr int kHalf = 64;
  const postgres::Wide wide = static_cast<postgres::Wide>(value.upper) << kHalf | value.lower;
  const int needed = postgres::WithoutZeros(wide, scale);
  return scale == kCastScale ? needed : std::max(needed, postgres::QuotientScale(wide, scale));
}

}  // namespace smelt::engine
