#include "engine/internal/postgres_dialect/decimal_math.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace smelt::engine::postgres {
namespace {

__extension__ using Size = unsigned __int128;

constexpr Size kSizeMax = ~Size{0};
constexpr int kGroup = 4;               ///< PostgreSQL counts in digits of base 10,000
constexpr int kSignificantDigits = 16;  ///< that a quotient has at least
constexpr unsigned kBase = 10;

constexpr std::array<Size, kDigitsMax + 1> kPowers = [] {
  std::array<Size, kDigitsMax + 1> powers{};
  Size power = 1;
  for (Size& entry : powers) {
    entry = power;
    power *= kBase;
  }
  return powers;
}();

Size SizeOf(Wide value) {
  return value < 0 ? 0 - static_cast<Size>(value) : static_cast<Size>(value);
}

int DigitsOfSize(Size size) {
  return static_cast<int>(std::ranges::upper_bound(kPowers, size) - kPowers.begin());
}

/// The first digit of base 10,000 of a number, and how many more there are before the point.
struct Lead {
  int weight = 0;
  Size digit = 0;
};

Lead LeadOf(Size size, int scale) {
  if (size == 0) return {};
  const int digits = DigitsOfSize(size);
  const int exponent = digits - 1 - scale;
  const int weight = exponent >= 0 ? exponent / kGroup : -((-exponent + kGroup - 1) / kGroup);
  const int taken = exponent - weight * kGroup + 1;
  return {weight, digits >= taken ? size / kPowers[digits - taken] : size * kPowers[taken - digits]};
}

/// Goes on with a division by some decimal digits; false when the quotient has become too large.
bool AppendDigits(Size& quotient, Size& rest, Size divisor, int digits) {
  while (digits > 0) {
    // As many at once as fit beside the rest, which is smaller than the divisor.
    const int room = std::min({digits, kDigitsMax - DigitsOfSize(divisor), kNarrowDigits});
    Size next = 0;
    int taken = room;
    if (room > 0) {
      rest *= kPowers[room];
      next = rest / divisor;
      rest %= divisor;
    } else {
      taken = 1;
      Size left = 0;
      for (unsigned i = 0; i < kBase; ++i) {
        left += rest;
        if (left < divisor) continue;
        left -= divisor;
        ++next;
      }
      rest = left;
    }
    if (quotient > (kSizeMax - next) / kPowers[taken]) return false;
    quotient = quotient * kPowers[taken] + next;
    digits -= taken;
  }
  return true;
}

/// Without the last digit, which says whether to round up.
Size Rounded(Size size) {
  constexpr unsigned kHalf = 5;
  return size / kBase + (size % kBase >= kHalf ? 1 : 0);
}

std::optional<Wide> Signed(Size size, bool negative) {
  if (size >= kPowers[kDigitsMax]) return std::nullopt;
  return negative ? -static_cast<Wide>(size) : static_cast<Wide>(size);
}

}  // namespace

int DivisionScale(const Decimal& left, const Decimal& right, int most) {
  const Lead lead = LeadOf(SizeOf(left.value), left.scale);
  const Lead divisor = LeadOf(SizeOf(right.value), right.scale);
  const int weight = lead.weight - divisor.weight - (lead.digit <= divisor.digit ? 1 : 0);
  return std::min(most, std::max({kSignificantDigits - weight * kGroup, left.shown, right.shown, 0}));
}

std::optional<Wide> Divide(const Decimal& left, const Decimal& right, int scale) {
  const Size dividend = SizeOf(left.value);
  const Size divisor = SizeOf(right.value);
  const int shown = DivisionScale(left, right, scale);
  // One digit more, to round by.
  const int shift = shown + right.scale - left.scale + 1;
  Size quotient = dividend / divisor;
  Size rest = dividend % divisor;
  if (shift >= 0) {
    if (!AppendDigits(quotient, rest, divisor, shift)) return std::nullopt;
  } else {
    quotient = -shift > kDigitsMax ? 0 : quotient / kPowers[-shift];
  }
  quotient = Rounded(quotient);
  if (quotient > kSizeMax / kPowers[scale - shown]) return std::nullopt;
  return Signed(quotient * kPowers[scale - shown], (left.value < 0) != (right.value < 0));
}

std::optional<Wide> Multiply(Wide left, Wide right, int dropped) {
  // The product of 256 bits in words of 32, the smallest first.
  constexpr std::size_t kHalfWords = 4;
  constexpr unsigned kBits = 32;
  std::array<std::uint64_t, 2 * kHalfWords> words{};
  const Size sizes[2] = {SizeOf(left), SizeOf(right)};
  const auto word = [](Size size, std::size_t i) {
    return static_cast<std::uint64_t>(size >> (i * kBits)) & UINT32_MAX;
  };
  for (std::size_t i = 0; i < kHalfWords; ++i) {
    std::uint64_t carry = 0;
    for (std::size_t k = 0; k < kHalfWords; ++k) {
      const std::uint64_t sum = words[i + k] + word(sizes[0], i) * word(sizes[1], k) + carry;
      words[i + k] = sum & UINT32_MAX;
      carry = sum >> kBits;
    }
    words[i + kHalfWords] += carry;
  }
  unsigned last = 0;
  for (int digit = 0; digit < dropped; ++digit) {
    std::uint64_t rest = 0;
    for (std::size_t i = words.size(); i-- > 0;) {
      const std::uint64_t part = rest << kBits | words[i];
      words[i] = part / kBase;
      rest = part % kBase;
    }
    last = static_cast<unsigned>(rest);
  }
  if (std::any_of(words.begin() + kHalfWords, words.end(), [](std::uint64_t part) { return part != 0; }))
    return std::nullopt;
  Size product = 0;
  for (std::size_t i = kHalfWords; i-- > 0;) product = product << kBits | words[i];
  constexpr unsigned kHalf = 5;
  if (product >= kPowers[kDigitsMax]) return std::nullopt;
  return Signed(product + (last >= kHalf ? 1 : 0), (left < 0) != (right < 0));
}

std::optional<Wide> SquareRoot(Wide value, int shown, int scale) {
  if (value < 0) return std::nullopt;
  // By pairs of digits from the front, as by hand: those of the number, then zeros for one digit more than is shown.
  constexpr unsigned kPair = 100;
  constexpr int kRootDigitsMax = 36;
  if (DigitsOf(value) > kRootDigitsMax) return std::nullopt;
  const Size size = shown % 2 == 0 ? SizeOf(value) : SizeOf(value) * kBase;
  const int digits = DigitsOfSize(size);
  int pairs = (digits + 1) / 2;
  const int pairs_behind = (shown + 1) / 2;
  if (pairs + shown + 1 - pairs_behind > kRootDigitsMax) return std::nullopt;
  Size root = 0;
  Size rest = 0;
  const auto append = [&](unsigned pair) {
    rest = rest * kPair + pair;
    unsigned digit = 0;
    while ((root * kBase * 2 + digit + 1) * (digit + 1) <= rest) ++digit;
    rest -= (root * kBase * 2 + digit) * digit;
    root = root * kBase + digit;
  };
  while (pairs-- > 0) append(static_cast<unsigned>(size / kPowers[2 * pairs] % kPair));
  for (int i = pairs_behind; i <= shown; ++i) append(0);
  const Size rounded = Rounded(root);
  if (rounded > kSizeMax / kPowers[scale - shown]) return std::nullopt;
  return Signed(rounded * kPowers[scale - shown], false);
}

int DigitsOf(Wide value) {
  return DigitsOfSize(SizeOf(value));
}

int WithoutZeros(Wide value, int scale) {
  for (; scale > 0 && value % kBase == 0; --scale) value /= static_cast<int>(kBase);
  return scale;
}

int QuotientScale(Wide value, int scale) {
  const int fewest = kSignificantDigits - LeadOf(SizeOf(value), scale).weight * kGroup;
  return std::clamp(value == 0 ? kOpenScale : fewest, 0, scale);
}

std::string TextOf(Wide value, int scale, int shown) {
  Size size = SizeOf(value) / kPowers[scale - shown];
  std::string text;
  for (int digit = 0; size != 0 || digit <= shown; ++digit) {
    if (digit == shown && shown > 0) text += '.';
    text += static_cast<char>('0' + static_cast<int>(size % kBase));
    size /= kBase;
  }
  if (value < 0) text += '-';
  std::ranges::reverse(text);
  return text;
}

}  // namespace smelt::engine::postgres
