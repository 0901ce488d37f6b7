#pragma once

#include <string>
#include <string_view>

#include "chart/canvas.h"
#include "chart/number_format.h"

namespace smelt::chart::internal {

inline constexpr double kRampHeight = 18;

/// How strong the colour of a value is within its range.
double Strength(double value, double low, double high);

/// A cell in the colour of its value, with a figure where that fits.
void DrawRampCell(const Box& cell, double value, double low, double high, std::string_view figure, Canvas& canvas);

/// A cell outside of the scale of colours.
void DrawPlainCell(const Box& cell, std::string_view figure, Canvas& canvas);

/// The key of the colours at the right of a box, and a note at its left.
void DrawRamp(const Box& box, double low, double high, const NumberFormat& format, const std::string& note,
              Canvas& canvas);

}  // namespace smelt::chart::internal
