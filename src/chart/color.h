#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace smelt::chart {

/// What a colour is for. Which colour that is depends on the theme.
enum class Ink : std::uint8_t {
  kSurface,     ///< the paper
  kText,        ///< figures, titles
  kMuted,       ///< labels, units
  kGrid,        ///< lines of the grid, borders
  kPrevious,    ///< the period before
  kAccent,      ///< what the reader is to look at
  kGood,        ///< status: as it should be
  kWarning,     ///< status: look at it
  kBad,         ///< status: failed
  kQuantity,    ///< the deep end of the sequential palette; `strength` says how much
  kOnQuantity,  ///< text upon a deep quantity
  kCategory1,   ///< the first of eight colours that colour-blind readers tell apart
  kCategory2,
  kCategory3,
  kCategory4,
  kCategory5,
  kCategory6,
  kCategory7,
  kCategory8,
};
inline constexpr std::size_t kInks = 19;

enum class Theme : std::uint8_t { kLight, kDark };

struct Color {
  std::uint8_t red = 0, green = 0, blue = 0;

  bool operator==(const Color&) const = default;
};

/// A colour with how much of it: 1 is the colour itself, less is a tint towards the surface.
struct Paint {
  Ink ink = Ink::kText;
  double strength = 1;
};

/// The colour of an ink.
Color ColorOf(Ink ink, Theme theme);
/// The colour that a paint has upon the surface of the theme.
Color Blend(const Paint& paint, Theme theme);
/// "#e4572e".
std::string HexText(const Color& color);
/// The ratio of contrast as WCAG 2 defines it, 1 to 21.
double Contrast(const Color& one, const Color& other);

/// The colour of the category at a place in its list, from 0; they repeat after eight.
Ink CategoryInk(std::size_t index);
/// What text is readable upon a quantity of that strength, in the light theme.
Ink TextUpon(double strength);

/// A short name that is a class in style sheets: "kt", "c1".
std::string_view ClassName(Ink ink);

}  // namespace smelt::chart
