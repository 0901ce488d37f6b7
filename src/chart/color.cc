#include "chart/color.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace smelt::chart {
namespace {

constexpr Color Hex(std::uint32_t rgb) {
  return {static_cast<std::uint8_t>(rgb >> 16U), static_cast<std::uint8_t>((rgb >> 8U) & 0xFFU),
          static_cast<std::uint8_t>(rgb & 0xFFU)};
}

struct InkColors {
  std::string_view name;
  Color light, dark;
};

// In the order of Ink. Text and status colours have at least 4.5:1 against their surface.
constexpr std::array<InkColors, kInks> kColors = {{
    {"su", Hex(0xFFFFFF), Hex(0x15181C)}, {"tx", Hex(0x1B1F24), Hex(0xE8EAED)}, {"mu", Hex(0x5C6670), Hex(0x9AA4AE)},
    {"gr", Hex(0xDDE1E6), Hex(0x343A41)}, {"pr", Hex(0x9AA3AD), Hex(0x6E7883)}, {"ac", Hex(0xE4572E), Hex(0xFF7A50)},
    {"ok", Hex(0x1A7F37), Hex(0x4AC26B)}, {"wa", Hex(0x8A5A00), Hex(0xE3B341)}, {"ba", Hex(0xC42B2B), Hex(0xFF7B72)},
    {"qu", Hex(0x12508F), Hex(0x8CC0F5)}, {"oq", Hex(0xFFFFFF), Hex(0x0D1013)}, {"c1", Hex(0x1F6FB2), Hex(0x6AAEE8)},
    {"c2", Hex(0xD1791B), Hex(0xF0A14E)}, {"c3", Hex(0x0B8E73), Hex(0x3CC3A4)}, {"c4", Hex(0xB5538F), Hex(0xDE8ABD)},
    {"c5", Hex(0x4FA3D9), Hex(0x9BD2F5)}, {"c6", Hex(0x8C6D1F), Hex(0xD9BF5F)}, {"c7", Hex(0x5B4FA2), Hex(0xA79BEA)},
    {"c8", Hex(0x6B7480), Hex(0xA9B1BA)},
}};

const InkColors& Row(Ink ink) {
  return kColors.at(static_cast<std::size_t>(ink));
}

double Luminance(const Color& color) {
  const auto part = [](std::uint8_t value) {
    const double share = value / 255.0;
    return share <= 0.03928 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * part(color.red) + 0.7152 * part(color.green) + 0.0722 * part(color.blue);
}

}  // namespace

Color ColorOf(Ink ink, Theme theme) {
  return theme == Theme::kLight ? Row(ink).light : Row(ink).dark;
}

Color Blend(const Paint& paint, Theme theme) {
  const Color top = ColorOf(paint.ink, theme), paper = ColorOf(Ink::kSurface, theme);
  const double share = std::clamp(paint.strength, 0.0, 1.0);
  const auto mix = [share](std::uint8_t over, std::uint8_t under) {
    return static_cast<std::uint8_t>(std::lround(over * share + under * (1 - share)));
  };
  return {mix(top.red, paper.red), mix(top.green, paper.green), mix(top.blue, paper.blue)};
}

std::string HexText(const Color& color) {
  return fmt::format("#{:02x}{:02x}{:02x}", color.red, color.green, color.blue);
}

double Contrast(const Color& one, const Color& other) {
  const double a = Luminance(one), b = Luminance(other);
  return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

Ink CategoryInk(std::size_t index) {
  return static_cast<Ink>(static_cast<std::size_t>(Ink::kCategory1) + index % 8);
}

Ink TextUpon(double strength) {
  const Color fill = Blend({Ink::kQuantity, strength}, Theme::kLight);
  const double deep = Contrast(ColorOf(Ink::kOnQuantity, Theme::kLight), fill);
  return deep > Contrast(ColorOf(Ink::kText, Theme::kLight), fill) ? Ink::kOnQuantity : Ink::kText;
}

std::string_view ClassName(Ink ink) {
  return Row(ink).name;
}

}  // namespace smelt::chart
