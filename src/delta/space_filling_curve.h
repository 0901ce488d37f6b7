#pragma once

#include <cstdint>
#include <span>
#include <string>

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

}  // namespace smelt::delta
