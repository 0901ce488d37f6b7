#include "chart/internal/ramp.h"

#include <algorithm>

#include "chart/font.h"
#include "chart/internal/axes.h"

namespace smelt::chart::internal {
namespace {

constexpr double kPalest = 0.06;
constexpr double kFigureSize = 7.5;

void WriteFigure(const Box& cell, std::string_view figure, Ink ink, Canvas& canvas) {
  if (TextWidth(figure, kFigureSize) + 2 > cell.width || cell.height < kFigureSize + 1) return;
  canvas.Text({cell.middle(), cell.y + cell.height / 2 + kFigureSize * 0.35}, figure,
              {.size = kFigureSize, .paint = {ink}, .anchor = Anchor::kMiddle});
}

}  // namespace

double Strength(double value, double low, double high) {
  if (high <= low) return 0.5;
  return kPalest + (1 - kPalest) * std::clamp((value - low) / (high - low), 0.0, 1.0);
}

void DrawRampCell(const Box& cell, double value, double low, double high, std::string_view figure, Canvas& canvas) {
  const double strength = Strength(value, low, high);
  canvas.Rectangle(cell, {Ink::kQuantity, strength});
  WriteFigure(cell, figure, TextUpon(strength), canvas);
}

void DrawPlainCell(const Box& cell, std::string_view figure, Canvas& canvas) {
  canvas.Rectangle(cell, {Ink::kGrid, 0.6});
  WriteFigure(cell, figure, Ink::kText, canvas);
}

void DrawRamp(const Box& box, double low, double high, const NumberFormat& format, const std::string& note,
              Canvas& canvas) {
  constexpr int kSteps = 8;
  constexpr double kStep = 11, kThick = 6;
  const std::string least = FormatShort(low, format), most = FormatShort(high, format);
  const double y = box.y + 7;
  double x = box.right() - TextWidth(most, kLabelSize) - 4 - kSteps * kStep;
  canvas.Text({x - 4, y + 6}, least, {.size = kLabelSize, .paint = {Ink::kMuted}, .anchor = Anchor::kEnd});
  for (int step = 0; step < kSteps; ++step, x += kStep) {
    const double share = static_cast<double>(step) / (kSteps - 1);
    canvas.Rectangle({x, y, kStep, kThick}, {Ink::kQuantity, Strength(share, 0, 1)});
  }
  canvas.Text({x + 4, y + 6}, most, {.size = kLabelSize, .paint = {Ink::kMuted}});
  canvas.Text({box.x, y + 6}, note, {.size = kLabelSize, .paint = {Ink::kMuted}});
}

}  // namespace smelt::chart::internal
