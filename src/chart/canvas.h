#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "chart/color.h"

namespace smelt::chart {

/// A place on a canvas in points: x to the right, y downwards from the upper edge.
struct Point {
  double x = 0, y = 0;
};

/// A rectangle in points.
struct Box {
  double x = 0, y = 0, width = 0, height = 0;

  double right() const { return x + width; }
  double bottom() const { return y + height; }
  double middle() const { return x + width / 2; }
};

struct Stroke {
  Paint paint = {};
  double width = 1;
  std::vector<double> dashes = {};  ///< lengths of line and gap in turn; empty: a whole line
};

enum class Anchor : std::uint8_t { kStart, kMiddle, kEnd };

struct TextStyle {
  double size = 9;
  Paint paint = {};
  bool bold = false;
  Anchor anchor = Anchor::kStart;
};

/// Where charts are drawn. Shapes come one over the other, in the order of the calls. Confined to a thread.
class Canvas {
 public:
  virtual ~Canvas() = default;
  /// A line through points; of one point nothing is seen.
  virtual void Line(std::span<const Point> points, const Stroke& stroke) = 0;
  /// The surface within points; the last is joined to the first.
  virtual void Fill(std::span<const Point> points, const Paint& paint) = 0;
  virtual void Rectangle(const Box& box, const Paint& paint) = 0;
  virtual void Circle(const Point& middle, double radius, const Paint& paint) = 0;
  /// A line of UTF-8 text whose baseline begins, has its middle or ends at a point.
  virtual void Text(const Point& baseline, std::string_view text, const TextStyle& style) = 0;
};

}  // namespace smelt::chart
