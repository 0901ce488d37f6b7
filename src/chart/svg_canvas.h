#pragma once

#include <string>
#include <string_view>

#include "chart/canvas.h"

namespace smelt::chart {

/// Draws SVG text without any script, font or address from elsewhere. Colours are those of the light theme as plain
/// attributes, for readers that know no style sheets, and classes that SvgStyle() gives both themes.
class SvgCanvas : public Canvas {
 public:
  /// `title` is what a screen reader says of the picture.
  SvgCanvas(double width, double height, std::string_view title);

  void Line(std::span<const Point> points, const Stroke& stroke) override;
  void Fill(std::span<const Point> points, const Paint& paint) override;
  void Rectangle(const Box& box, const Paint& paint) override;
  void Circle(const Point& middle, double radius, const Paint& paint) override;
  void Text(const Point& baseline, std::string_view text, const TextStyle& style) override;

  /// The whole element, `<svg …>…</svg>`.
  std::string Element() const;

 private:
  std::string svg_;
};

/// The style sheet, without its element, that colours what SvgCanvas draws: light, and dark where the reader prefers
/// it.
std::string SvgStyle();

/// A text within an element or a quoted attribute of XML or HTML; control characters and what is not UTF-8 become
/// U+FFFD.
std::string XmlText(std::string_view text);

}  // namespace smelt::chart
