#include "delta/space_filling_curve.h"

#include <vector>

#include "base/error.h"

namespace smelt::delta {
namespace {

/// A table of all coordinates is made beforehand.
constexpr int kTableBitsMax = 16;

/// Turns coordinates into the digits of their place on the Hilbert curve; digit i of all, read together, is one base
/// 2^n digit of it (Skilling's "transpose").
void ToHilbertTranspose(std::span<std::uint32_t> x, int bits) {
  const std::uint32_t highest = std::uint32_t{1} << (bits - 1);
  for (std::uint32_t bit = highest; bit > 1; bit >>= 1) {
    const std::uint32_t below = bit - 1;
    for (std::uint32_t& axis : x) {
      if ((axis & bit) != 0) {
        x[0] ^= below;  // invert the lower bits of the first axis
      } else {
        const std::uint32_t swapped = (x[0] ^ axis) & below;  // exchange them with the first axis
        x[0] ^= swapped;
        axis ^= swapped;
      }
    }
  }
  for (std::size_t i = 1; i < x.size(); ++i) x[i] ^= x[i - 1];  // Gray code
  std::uint32_t flips = 0;
  for (std::uint32_t bit = highest; bit > 1; bit >>= 1) {
    if ((x.back() & bit) != 0) flips ^= bit - 1;
  }
  for (std::uint32_t& axis : x) axis ^= flips;
}

}  // namespace

std::string ZOrderPlace(std::span<const std::uint32_t> point, int bits) {
  std::string place((point.size() * static_cast<std::size_t>(bits) + 7) / 8, '\0');
  std::size_t at = 0;
  for (int bit = bits - 1; bit >= 0; --bit) {
    for (const std::uint32_t coordinate : point) {
      const std::uint32_t value = coordinate >> bit & 1;
      place[at / 8] = static_cast<char>(static_cast<unsigned char>(place[at / 8]) | value << (7 - at % 8));
      ++at;
    }
  }
  return place;
}

std::string HilbertPlace(std::span<const std::uint32_t> point, int bits) {
  std::vector<std::uint32_t> transposed(point.begin(), point.end());
  if (!transposed.empty()) ToHilbertTranspose(transposed, bits);
  return ZOrderPlace(transposed, bits);
}

bool CurveNumbers::Hold(std::size_t axes, int bits) {
  return axes > 0 && bits <= kTableBitsMax && axes * static_cast<std::size_t>(bits) <= 64;
}

CurveNumbers::CurveNumbers(std::size_t axes, int bits) : bits_(bits), spread_(std::size_t{1} << bits) {
  SMELT_ASSERT(Hold(axes, bits));
  for (std::uint64_t coordinate = 0; coordinate < spread_.size(); ++coordinate) {
    for (std::size_t bit = 0; bit < static_cast<std::size_t>(bits); ++bit) {
      spread_[coordinate] |= (coordinate >> bit & 1) << bit * axes;
    }
  }
}

std::uint64_t CurveNumbers::ZOrder(std::span<const std::uint32_t> point) const {
  std::uint64_t place = 0;
  for (const std::uint32_t coordinate : point) place = place << 1 | spread_[coordinate];
  return place;
}

std::uint64_t CurveNumbers::Hilbert(std::span<std::uint32_t> point) const {
  ToHilbertTranspose(point, bits_);
  return ZOrder(point);
}

}  // namespace smelt::delta
