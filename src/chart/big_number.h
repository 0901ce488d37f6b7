#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chart/canvas.h"

namespace smelt::chart {

/// Whether a change is as one wishes.
enum class Verdict : std::uint8_t { kNone, kGood, kBad };

/// One figure that matters, with how it changed.
struct BigNumber {
  std::string figure = {};   ///< as it is written
  std::string unit = {};     ///< lighter, behind it
  std::string change = {};   ///< "+12.3%"; empty: none is known
  std::string against = {};  ///< what the change is against: "vs. the day before"
  int direction = 0;         ///< of the change: 1 up, -1 down, 0 neither
  Verdict verdict = Verdict::kNone;
  std::vector<std::optional<double>> history = {};  ///< for the sparkline
};

/// Draws figure, change and sparkline within the box; the figure is as large as the width allows, at most 22 points.
void Draw(const BigNumber& number, const Box& box, Canvas& canvas);

}  // namespace smelt::chart
