#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Curves that pass through all points of a grid and keep near points near: rows sorted along one can be skipped by
/// each of several columns.
namespace smelt::delta {

/// How many bits a coordinate may have.
inline constexpr int kCurveBitsMax = 31;

/// The place of a point on the Z-order (Morton) curve: the bits of its coordinates, interleaved from the highest on,
/// as text that sorts bytewise. `bits` is how many bits of each coordinate count: 1 to kCurveBitsMax.
std::string ZOrderPlace(std::span<const std::uint32_t> point, int bits);

/// The place of a point on the Hilbert curve, on which neighbours are always one step apart (J. Skilling, "Programming
/// the Hilbert curve", 2004). As ZOrderPlace otherwise.
std::string HilbertPlace(std::span<const std::uint32_t> point, int bits);

/// The same places as numbers, where they have no more than 64 bits: quick to make and to sort by. Immutable.
class CurveNumbers {
 public:
  /// Whether the places of points with so many coordinates of so many bits are numbers.
  static bool Hold(std::size_t axes, int bits);
  /// Of points for which Hold says so.
  CurveNumbers(std::size_t axes, int bits);

  /// The bits of ZOrderPlace.
  std::uint64_t ZOrder(std::span<const std::uint32_t> point) const;
  /// The bits of HilbertPlace; the point is no longer itself afterwards.
  std::uint64_t Hilbert(std::span<std::uint32_t> point) const;

 private:
  int bits_;
  std::vector<std::uint64_t> spread_;  ///< the bits of each coordinate, with room between them for the other axes
};

}  // namespace smelt::delta
