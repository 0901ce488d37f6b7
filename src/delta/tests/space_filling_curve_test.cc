#include "delta/space_filling_curve.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <vector>

namespace smelt::delta {
namespace {

using Point = std::vector<std::uint32_t>;
using Curve = std::string (*)(std::span<const std::uint32_t>, int);

/// All points of a grid in the order of the curve.
std::vector<Point> Walk(Curve curve, std::size_t axes, int bits) {
  std::map<std::string, Point> places;
  const std::uint32_t side = 1u << bits;
  std::size_t count = 1;
  for (std::size_t i = 0; i < axes; ++i) count *= side;
  for (std::size_t number = 0; number < count; ++number) {
    Point point;
    for (std::size_t i = 0, rest = number; i < axes; ++i, rest /= side) {
      point.push_back(static_cast<std::uint32_t>(rest % side));
    }
    places.emplace(curve(point, bits), point);
  }
  EXPECT_EQ(places.size(), count) << "two points share a place";
  std::vector<Point> walk;
  for (const auto& [place, point] : places) walk.push_back(point);
  return walk;
}

TEST(ZOrder, InterleavesTheBits) {
  EXPECT_EQ(ZOrderPlace(Point{0b1111, 0b0000}, 4), std::string("\xAA", 1));
  EXPECT_EQ(ZOrderPlace(Point{0b0000, 0b1111}, 4), std::string("\x55", 1));
  EXPECT_EQ(ZOrderPlace(Point{0b101}, 3), std::string("\xA0", 1));
  EXPECT_EQ(ZOrderPlace(Point{1, 0, 0}, 3), std::string("\x02\x00", 2));
  EXPECT_EQ(ZOrderPlace(Point{}, 8), "");
}

TEST(ZOrder, WalksInTheShapeOfAZ) {
  EXPECT_EQ(Walk(ZOrderPlace, 2, 1), (std::vector<Point>{{0, 0}, {0, 1}, {1, 0}, {1, 1}}));
  Walk(ZOrderPlace, 3, 3);
}

TEST(Hilbert, EveryStepGoesToANeighbour) {
  for (const auto& [axes, bits] : std::vector<std::pair<std::size_t, int>>{{1, 6}, {2, 1}, {2, 5}, {3, 3}, {4, 2}}) {
    const std::vector<Point> walk = Walk(HilbertPlace, axes, bits);
    for (std::size_t step = 1; step < walk.size(); ++step) {
      std::int64_t distance = 0;
      for (std::size_t i = 0; i < axes; ++i) {
        distance += std::abs(static_cast<std::int64_t>(walk[step][i]) - static_cast<std::int64_t>(walk[step - 1][i]));
      }
      ASSERT_EQ(distance, 1) << axes << " axes, step " << step;
    }
  }
}

/// A place in text as the number that its bits are.
std::uint64_t NumberOf(const std::string& place, std::size_t bits) {
  std::uint64_t number = 0;
  for (const char c : place) number = number << 8 | static_cast<unsigned char>(c);
  return number >> (place.size() * 8 - bits);
}

TEST(CurveNumbers, AreThePlacesThatTheTextsAre) {
  for (const auto& [axes, bits] :
       std::vector<std::pair<std::size_t, int>>{{1, 12}, {2, 12}, {3, 5}, {5, 12}, {4, 16}}) {
    const CurveNumbers numbers(axes, bits);
    std::uint32_t random = 1;
    for (int i = 0; i < 500; ++i) {
      Point point;
      for (std::size_t axis = 0; axis < axes; ++axis) {
        random = random * 1'664'525 + 1'013'904'223;
        point.push_back(random >> (32 - bits));
      }
      const std::size_t count = axes * static_cast<std::size_t>(bits);
      ASSERT_EQ(numbers.ZOrder(point), NumberOf(ZOrderPlace(point, bits), count));
      Point given = point;
      ASSERT_EQ(numbers.Hilbert(given), NumberOf(HilbertPlace(point, bits), count));
    }
  }
}

TEST(CurveNumbers, HoldWhatFitsIntoANumber) {
  EXPECT_TRUE(CurveNumbers::Hold(5, 12));
  EXPECT_FALSE(CurveNumbers::Hold(6, 12));
  EXPECT_FALSE(CurveNumbers::Hold(0, 12));
  EXPECT_FALSE(CurveNumbers::Hold(1, 17));
}

}  // namespace
}  // namespace smelt::delta
