#include "chart/big_number.h"

#include <algorithm>
#include <array>

#include "chart/font.h"
#include "chart/line_chart.h"

namespace smelt::chart {
namespace {

constexpr double kFigureMax = 22, kFigureMin = 12, kSmall = 8.5, kSparkline = 26;

Ink InkOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood: return Ink::kGood;
    case Verdict::kBad: return Ink::kBad;
    case Verdict::kNone: break;
  }
  return Ink::kMuted;
}

/// A triangle that points up or down; a dash for neither: the direction is told by shape, not by colour alone.
void DrawDirection(int direction, const Point& corner, Ink ink, Canvas& canvas) {
  const double x = corner.x, y = corner.y;
  if (direction > 0) {
    canvas.Fill(std::array{Point{x, y}, Point{x + 7, y}, Point{x + 3.5, y - 6}}, {ink});
  } else if (direction < 0) {
    canvas.Fill(std::array{Point{x, y - 6}, Point{x + 7, y - 6}, Point{x + 3.5, y}}, {ink});
  } else {
    canvas.Rectangle({x, y - 4, 7, 2}, {ink});
  }
}

}  // namespace

void Draw(const BigNumber& number, const Box& box, Canvas& canvas) {
  const double unit = number.unit.empty() ? 0 : TextWidth(number.unit, kSmall) + 4;
  double size = std::min(kFigureMax, box.height * 0.5);
  while (size > kFigureMin && TextWidth(number.figure, size, true) + unit > box.width) size -= 0.5;
  const double baseline = box.y + size * 0.8;
  const std::string figure = FitText(number.figure, box.width - unit, size, true);
  canvas.Text({box.x, baseline}, figure, {.size = size, .paint = {Ink::kText}, .bold = true});
  canvas.Text({box.x + TextWidth(figure, size, true) + 4, baseline}, number.unit,
              {.size = kSmall, .paint = {Ink::kMuted}});
  double y = baseline + 15;
  if (!number.change.empty()) {
    const Ink ink = InkOf(number.verdict);
    DrawDirection(number.direction, {box.x, y}, ink, canvas);
    canvas.Text({box.x + 11, y}, number.change, {.size = kSmall, .paint = {ink}, .bold = true});
    const double after = box.x + 11 + TextWidth(number.change, kSmall, true) + 4;
    canvas.Text({after, y}, FitText(number.against, box.right() - after, kSmall),
                {.size = kSmall, .paint = {Ink::kMuted}});
  }
  y += 6;
  if (box.bottom() - y >= 10)
    DrawSparkline(number.history, {box.x, y, box.width, std::min(kSparkline, box.bottom() - y)}, canvas);
}

}  // namespace smelt::chart
