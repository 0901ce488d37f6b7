#include "chart/svg_canvas.h"

#include <fmt/format.h>

#include <cmath>

namespace smelt::chart {
namespace {

constexpr std::string_view kUnknown = "\xEF\xBF\xBD";

/// A length to a hundredth of a point, without zeros that say nothing.
std::string Length(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string PathOf(std::span<const Point> points) {
  std::string path;
  for (const Point& point : points) {
    path += fmt::format("{}{} {}", path.empty() ? 'M' : 'L', Length(point.x), Length(point.y));
  }
  return path;
}

/// The attributes that give a colour: fill or stroke.
std::string ColorAttributes(std::string_view what, const Paint& paint) {
  std::string text = fmt::format("class=\"{}{}\" {}=\"{}\"", what == "fill" ? 'f' : 's', ClassName(paint.ink), what,
                                 HexText(ColorOf(paint.ink, Theme::kLight)));
  if (paint.strength < 1) text += fmt::format(" {}-opacity=\"{}\"", what, Length(std::max(0.0, paint.strength)));
  return text;
}

/// How many bytes a well-formed character at the start of the text has; 0 when there is none.
std::size_t CharacterBytes(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80U) return 1;
  const std::size_t length = lead >= 0xF5U ? 0 : lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : lead >= 0xC2U ? 2 : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0U) != 0x80U) return 0;
  }
  const bool overlong = (lead == 0xE0U && byte(1) < 0xA0U) || (lead == 0xF0U && byte(1) < 0x90U);
  const bool none = (lead == 0xEDU && byte(1) >= 0xA0U) || (lead == 0xF4U && byte(1) >= 0x90U);
  return overlong || none ? 0 : length;
}

}  // namespace

std::string XmlText(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    const std::size_t bytes = CharacterBytes(text);
    const char c = text.front();
    if (bytes == 0) {
      escaped += kUnknown;
    } else if (bytes > 1) {
      escaped += text.substr(0, bytes);
    } else if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else if (c == '\'') {
      escaped += "&#39;";
    } else if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F) {
      escaped += kUnknown;
    } else {
      escaped += c;
    }
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return escaped;
}

SvgCanvas::SvgCanvas(double width, double height, std::string_view title)
    : svg_(fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
                       "role=\"img\" aria-label=\"{2}\" font-family=\"Helvetica, Arial, 'Liberation Sans', "
                       "sans-serif\">",
                       Length(width), Length(height), XmlText(title))) {}

void SvgCanvas::Line(std::span<const Point> points, const Stroke& stroke) {
  if (points.size() < 2) return;
  std::string dashes;
  for (const double dash : stroke.dashes) dashes += (dashes.empty() ? "" : " ") + Length(dash);
  if (!dashes.empty()) dashes = fmt::format(" stroke-dasharray=\"{}\"", dashes);
  svg_ += fmt::format("<path d=\"{}\" fill=\"none\" {} stroke-width=\"{}\" stroke-linejoin=\"round\"{}/>",
                      PathOf(points), ColorAttributes("stroke", stroke.paint), Length(stroke.width), dashes);
}

void SvgCanvas::Fill(std::span<const Point> points, const Paint& paint) {
  if (points.size() < 3) return;
  svg_ += fmt::format("<path d=\"{}Z\" {}/>", PathOf(points), ColorAttributes("fill", paint));
}

void SvgCanvas::Rectangle(const Box& box, const Paint& paint) {
  if (box.width <= 0 || box.height <= 0) return;
  svg_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {}/>", Length(box.x), Length(box.y),
                      Length(box.width), Length(box.height), ColorAttributes("fill", paint));
}

void SvgCanvas::Circle(const Point& middle, double radius, const Paint& paint) {
  svg_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {}/>", Length(middle.x), Length(middle.y), Length(radius),
                      ColorAttributes("fill", paint));
}

void SvgCanvas::Text(const Point& baseline, std::string_view text, const TextStyle& style) {
  if (text.empty()) return;
  std::string_view anchor;
  if (style.anchor == Anchor::kMiddle) anchor = " text-anchor=\"middle\"";
  if (style.anchor == Anchor::kEnd) anchor = " text-anchor=\"end\"";
  svg_ += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\"{}{} {}>{}</text>", Length(baseline.x),
                      Length(baseline.y), Length(style.size), style.bold ? " font-weight=\"700\"" : "", anchor,
                      ColorAttributes("fill", style.paint), XmlText(text));
}

std::string SvgCanvas::Element() const {
  return svg_ + "</svg>";
}

std::string SvgStyle() {
  std::string light, dark;
  for (std::size_t index = 0; index < kInks; ++index) {
    const auto ink = static_cast<Ink>(index);
    const auto rule = [&](Theme theme) {
      return fmt::format(".f{0}{{fill:{1}}}.s{0}{{stroke:{1}}}", ClassName(ink), HexText(ColorOf(ink, theme)));
    };
    light += rule(Theme::kLight);
    dark += rule(Theme::kDark);
  }
  return light + "@media screen and (prefers-color-scheme:dark){" + dark + "}";
}

}  // namespace smelt::chart
